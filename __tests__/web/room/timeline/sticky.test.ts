import { describe, expect, test } from '@jest/globals';
import type { MessageRow, Row } from '../../../../web/room/timeline/rows.ts';
import {
  hasOwn,
  isNearEnd,
  isNearSight,
  messageCount,
  rowsBeyond,
} from '../../../../web/room/timeline/sticky.ts';

const notice = (key: string): Row => ({
  type: 'notice',
  key,
  kind: 'ENTER',
  sender: 'Ada',
  text: key,
  atMs: 0,
});
const message = (key: string, isOwn = false): MessageRow => ({
  type: 'message',
  key,
  id: `id of ${key}`,
  sender: 'Ada',
  text: key,
  atMs: 0,
  isOwn,
  isContinued: false,
  state: { type: 'sent' },
});

const unsent = (key: string): MessageRow => ({
  ...message(key, true),
  id: key,
  state: { type: 'waiting' },
});

describe('the scroll position', () => {
  test('is near the end within a hundred pixels of it', () => {
    const box = { clientHeight: 500, scrollHeight: 2_000 };

    expect(isNearEnd({ ...box, scrollTop: 1_500 })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 1_400 })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 1_399 })).toBe(false);
  });
});

describe('the mark of older messages', () => {
  const box = { clientHeight: 500, scrollHeight: 9_000, scrollTop: 2_000 };

  test('is near when it is visible or up to 600 pixels above', () => {
    expect(isNearSight(box, 1_399)).toBe(false);
    expect(isNearSight(box, 1_400)).toBe(true);
    expect(isNearSight(box, 2_500)).toBe(true);
    expect(isNearSight(box, 2_501)).toBe(false);
  });
});

describe('new rows', () => {
  const rows = [message('a'), notice('b'), message('c'), unsent('d')];

  test('are those after all known rows, even above unsent ones', () => {
    expect(rowsBeyond(rows, new Set(['a', 'd', 'trimmed away']))).toEqual([
      notice('b'),
      message('c'),
    ]);
    expect(rowsBeyond(rows, new Set(['a', 'b', 'c', 'd']))).toEqual([]);
  });

  test('are neither older ones nor those that fill a gap', () => {
    expect(rowsBeyond(rows, new Set(['b', 'c', 'd']))).toEqual([]);
    expect(rowsBeyond(rows, new Set(['a', 'c', 'd']))).toEqual([]);
  });

  test('are counted by their messages', () => {
    expect(messageCount(rows)).toBe(3);
  });

  test('are followed if they were written here, sent or not', () => {
    expect(hasOwn([message('a'), unsent('d')])).toBe(true);
    expect(hasOwn([{ ...unsent('d'), state: { type: 'sent' } }])).toBe(true);
    expect(hasOwn([notice('b'), message('own, of another day', true)])).toBe(false);
  });
});
