import { describe, expect, test } from '@jest/globals';
import {
  afterLobby,
  parseNewRoom,
  type RoomList,
  type RoomListChange,
  type RoomSummary,
} from '../../shared/rooms.ts';

const room = (roomId: string, people = 0): RoomSummary => ({ roomId, name: null, people });
const list = (...rooms: RoomSummary[]): RoomList => ({ type: 'ROOMS', rooms, total: rooms.length });
const change = (more: Partial<RoomListChange>): RoomListChange => ({
  ...{ type: 'CHANGED', rooms: [], gone: [], total: 0 },
  ...more,
});

describe('the lobby', () => {
  test('begins with a list', () => {
    expect(afterLobby(null, list(room('a')))).toEqual(list(room('a')));
  });

  test('stays empty while only changes arrive', () => {
    expect(afterLobby(null, change({ rooms: [room('a')], total: 1 }))).toBeNull();
  });

  test('is replaced by another list', () => {
    expect(afterLobby(list(room('a')), list(room('b')))).toEqual(list(room('b')));
  });

  test('keeps a changed room in its place', () => {
    const after = afterLobby(
      list(room('a'), room('b')),
      change({ rooms: [room('a', 5)], total: 2 }),
    );

    expect(after).toEqual(list(room('a', 5), room('b')));
  });

  test('adds a new room at the end', () => {
    const after = afterLobby(list(room('a')), change({ rooms: [room('b', 1)], total: 2 }));

    expect(after).toEqual(list(room('a'), room('b', 1)));
  });

  test('removes rooms that are gone', () => {
    const after = afterLobby(list(room('a'), room('b')), change({ gone: ['a', 'x'], total: 1 }));

    expect(after).toEqual(list(room('b')));
  });

  test('keeps a room that one message both removes and lists', () => {
    const after = afterLobby(
      list(room('a')),
      change({ gone: ['a'], rooms: [room('a', 1)], total: 1 }),
    );

    expect(after).toEqual(list(room('a', 1)));
  });

  test('keeps the total as sent, even if it exceeds the list', () => {
    expect(afterLobby(list(room('a')), change({ total: 999 }))).toEqual({
      ...list(room('a')),
      total: 999,
    });
  });

  test('accepts rooms with any name', () => {
    const after = afterLobby(
      list(room('__proto__')),
      change({ rooms: [room('constructor')], total: 2 }),
    );

    expect(after).toEqual({ ...list(room('__proto__'), room('constructor')), total: 2 });
  });

  test('does not modify the previous list', () => {
    const before = list(room('a'), room('b'));

    afterLobby(before, change({ gone: ['a'], rooms: [room('b', 9)], total: 1 }));

    expect(before).toEqual(list(room('a'), room('b')));
  });
});

describe('a new room', () => {
  test('has the name in the body, trimmed', () => {
    expect(parseNewRoom({ name: ' 점심 ', more: 1 })).toBe('점심');
  });

  test.each([
    undefined,
    null,
    'hall',
    [],
    {},
    { name: '' },
    { name: '  ' },
    { name: 7 },
    { name: 'a\nb' },
  ])('has no name in %j', (body) => {
    expect(parseNewRoom(body)).toBeNull();
  });
});
