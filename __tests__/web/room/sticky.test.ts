import { describe, expect, test } from '@jest/globals';
import type { Row } from '../../../web/room/rows.ts';
import { hasOwn, isNearEnd, messageCount, rowsBeyond } from '../../../web/room/sticky.ts';

const notice = (key: string): Row => ({ type: 'notice', key, kind: 'ENTER', text: key, atMs: 0 });
const message = (key: string, isOwn = false): Row => ({
  type: 'message',
  key,
  id: key,
  sender: 'Ada',
  text: key,
  atMs: 0,
  isOwn,
  isContinued: false,
  state: { type: 'sent' },
});

describe('the place of a reader', () => {
  test('is near the end up to a hundred pixels above it', () => {
    const box = { clientHeight: 500, scrollHeight: 2_000 };

    expect(isNearEnd({ ...box, scrollTop: 1_500 })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 1_400 })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 1_399 })).toBe(false);
  });
});

describe('what is new', () => {
  const rows = [message('a'), notice('b'), message('c', true)];

  test('is what was not there before, also above what is unsent', () => {
    expect(rowsBeyond(rows, new Set(['a', 'c', 'trimmed away']))).toEqual([notice('b')]);
    expect(rowsBeyond(rows, new Set(['a', 'b', 'c']))).toEqual([]);
  });

  test('counts by its messages', () => {
    expect(messageCount(rows)).toBe(2);
  });

  test('is followed when it is one’s own', () => {
    expect(hasOwn(rows)).toBe(true);
    expect(hasOwn(rows.slice(0, 2))).toBe(false);
  });
});
