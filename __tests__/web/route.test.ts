import { describe, expect, test } from '@jest/globals';
import { parseRoute, parseTypedRoomId, pathOf } from '../../web/route.ts';

describe('a path', () => {
  test('names the lobby or a room', () => {
    expect(parseRoute('/')).toEqual({ page: 'lobby' });
    expect(parseRoute('/rooms/7')).toEqual({ page: 'room', roomId: '7' });
    expect(parseRoute('/rooms/tea_room-2/')).toEqual({ page: 'room', roomId: 'tea_room-2' });
  });

  test.each([
    '/rooms',
    '/rooms/',
    '/rooms/a%20b',
    '/rooms/%',
    '/rooms/7/more',
    '/room/7',
    '/rooms/방',
    `/rooms/${'x'.repeat(65)}`,
  ])('%s names no page', (pathname) => {
    expect(parseRoute(pathname)).toEqual({ page: 'unknown' });
  });

  test.each(['/', '/rooms/7', '/rooms/a-b_C'])('%s is restored from its route', (pathname) => {
    expect(pathOf(parseRoute(pathname))).toBe(pathname);
  });
});

describe('a typed room id', () => {
  test('may have surrounding spaces and a leading #', () => {
    expect(parseTypedRoomId(' 7 ')).toBe('7');
    expect(parseTypedRoomId('#12')).toBe('12');
  });

  test.each(['', '  ', 'two words', '##1', 'a/b', '방'])('is refused when it is %j', (text) => {
    expect(parseTypedRoomId(text)).toBeNull();
  });
});
