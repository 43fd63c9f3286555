import { describe, expect, test } from '@jest/globals';
import { afterPresence, type PresenceChange, type PresenceState } from '../../shared/presence.ts';

function state(version: number, ...people: string[]): PresenceState {
  return { type: 'STATE', roomId: 'hall', version, count: people.length, people };
}

function change(version: number, count: number, more: Partial<PresenceChange>): PresenceChange {
  return { type: 'CHANGE', roomId: 'hall', version, count, joined: [], left: [], ...more };
}

describe('presence', () => {
  test('begins with a state', () => {
    expect(afterPresence(null, state(3, 'ada'))).toEqual(state(3, 'ada'));
  });

  test('stays empty while only changes arrive', () => {
    expect(afterPresence(null, change(1, 1, { joined: ['ada'] }))).toBeNull();
  });

  test('is replaced by another state, even an older one', () => {
    expect(afterPresence(state(9, 'ada', 'bob'), state(1, 'cyd'))).toEqual(state(1, 'cyd'));
  });

  test('adds people who joined at the end', () => {
    const after = afterPresence(state(1, 'bob'), change(2, 3, { joined: ['cyd', 'ada'] }));

    expect(after).toEqual(state(2, 'bob', 'cyd', 'ada'));
  });

  test('removes people who left', () => {
    const after = afterPresence(
      state(1, 'ada', 'bob', 'cyd'),
      change(2, 1, { left: ['cyd', 'ada'] }),
    );

    expect(after).toEqual(state(2, 'bob'));
  });

  test('lists nobody twice', () => {
    const after = afterPresence(state(1, 'ada'), change(2, 1, { joined: ['ada'] }));

    expect(after).toEqual(state(2, 'ada'));
  });

  test('removes a person who left under another spelling of the name', () => {
    const after = afterPresence(state(1, '철수', 'bob'), change(2, 1, { left: [' 철수'] }));

    expect(after).toEqual(state(2, 'bob'));
  });

  test('lists nobody twice under different spellings of a name', () => {
    const decomposed = '철수'.normalize('NFD');

    const after = afterPresence(state(1, '철수'), change(2, 1, { joined: [decomposed] }));

    expect(after).toEqual(state(2, '철수'));
  });

  test('ignores the departure of someone who is not listed', () => {
    const after = afterPresence(state(1, 'ada'), change(2, 1, { left: ['bob'] }));

    expect(after).toEqual(state(2, 'ada'));
  });

  test.each([1, 2])('ignores change %d, which the state already includes', (version) => {
    const before = state(2, 'ada');

    expect(afterPresence(before, change(version, 0, { left: ['ada'] }))).toBe(before);
  });

  test('applies a change after a gap in versions', () => {
    expect(afterPresence(state(2), change(7, 1, { joined: ['ada'] }))).toEqual(state(7, 'ada'));
  });

  test('keeps the count as sent, even if it exceeds the names', () => {
    const large = { ...state(1, 'ada'), count: 500 };

    const after = afterPresence(large, change(2, 501, { joined: ['bob'] }));

    expect(after).toEqual({ ...state(2, 'ada', 'bob'), count: 501 });
  });

  test('does not modify the previous state', () => {
    const before = state(1, 'ada', 'bob');

    afterPresence(before, change(2, 2, { joined: ['cyd'], left: ['ada'] }));

    expect(before).toEqual(state(1, 'ada', 'bob'));
  });
});
