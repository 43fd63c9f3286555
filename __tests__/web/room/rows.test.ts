import { describe, expect, test } from '@jest/globals';
import { Calendar } from '../../../web/parts/calendar.ts';
import type { OutboxEntry } from '../../../web/room/outbox-entries.ts';
import { isSameRow, type Row, rowsOf } from '../../../web/room/rows.ts';
import type { TimelineEntry } from '../../../web/room/timeline.ts';

const calendar = new Calendar('en-GB', 'Asia/Seoul');
const at = (iso: string) => Date.parse(iso);

const said = (sender: string, text: string, iso: string): TimelineEntry => ({
  key: text,
  id: text,
  type: 'TALK',
  sender,
  text,
  atMs: at(iso),
  position: null,
  isPublished: true,
});
const unsent = (text: string, fate: OutboxEntry['fate']): OutboxEntry => ({
  id: text,
  sender: 'Ada',
  text,
  queuedAtMs: at('2026-03-01T03:10:00Z'),
  fate,
});
const shape = (rows: readonly Row[]) => rows.map((row) => `${row.type} ${row.text}`);
const messages = (rows: readonly Row[]) =>
  rows.flatMap((row) => (row.type === 'message' ? [row] : []));

describe('a row that is rendered again', () => {
  const [, row] = rowsOf([said('Ada', 'a', '2026-03-01T03:00:00Z')], [], 'Ada', calendar);

  test('is one that shows something else', () => {
    if (row?.type !== 'message') throw new Error('not a message');

    expect(isSameRow(row, { ...row })).toBe(true);
    expect(isSameRow(row, { ...row, state: { type: 'sending' } })).toBe(false);
    expect(isSameRow(row, { ...row, isContinued: true })).toBe(false);
    expect(isSameRow(row, { ...row, atMs: 0 })).toBe(false);
    expect(isSameRow(row, { type: 'day', key: row.key, text: row.text })).toBe(false);
  });
});

describe('the rows of a room', () => {
  test("begin each day of the reader's own time zone with its name", () => {
    const timeline = [
      said('Ada', 'before', '2026-02-28T14:59:59Z'),
      said('Ada', 'after', '2026-02-28T15:00:00Z'),
      said('Ada', 'later', '2026-03-01T14:59:59Z'),
    ];

    expect(shape(rowsOf(timeline, [], 'Ada', calendar))).toEqual([
      `day ${calendar.dayOf(at('2026-02-28T03:00:00Z'))}`,
      'message before',
      `day ${calendar.dayOf(at('2026-03-01T03:00:00Z'))}`,
      'message after',
      'message later',
    ]);
  });

  test('show ENTER and LEAVE as notices, as the broker says them', () => {
    const enter = {
      ...said('Ada', 'Ada님이 입장했습니다.', '2026-03-01T03:00:00Z'),
      type: 'ENTER' as const,
    };

    expect(rowsOf([enter], [], 'Bob', calendar)[1]).toMatchObject({
      type: 'notice',
      kind: 'ENTER',
      text: 'Ada님이 입장했습니다.',
    });
  });

  test('tell own messages by the person, not by the way the name is written', () => {
    const decomposed = '봄'.normalize('NFD');
    const timeline = [
      said(decomposed, 'mine', '2026-03-01T03:00:00Z'),
      said('Bob', 'other', '2026-03-01T03:00:00Z'),
    ];

    expect(messages(rowsOf(timeline, [], ' 봄 ', calendar)).map(({ isOwn }) => isOwn)).toEqual([
      true,
      false,
    ]);
  });

  test('do not repeat the name of who goes on talking', () => {
    const timeline = [
      said('Ada', 'one', '2026-03-01T03:00:00Z'),
      said('Ada', 'two', '2026-03-01T03:04:59Z'),
      said('Bob', 'three', '2026-03-01T03:05:00Z'),
      said('Bob', 'four', '2026-03-01T03:10:00Z'),
    ];

    expect(
      messages(rowsOf(timeline, [], 'x', calendar)).map(({ isContinued }) => isContinued),
    ).toEqual([false, true, false, false]);
  });

  test('end with what is not sent yet and with what was refused', () => {
    const refusal = { code: 'RATE_LIMITED', text: 'no' };
    const outbox = [
      unsent('refused', { type: 'failed', refusal }),
      unsent('going', { type: 'in-flight' }),
      unsent('next', { type: 'waiting' }),
    ];

    const rows = messages(
      rowsOf([said('Bob', 'hi', '2026-03-01T03:00:00Z')], outbox, 'Ada', calendar),
    );

    expect(rows.map(({ text, state }) => `${text} ${state.type}`)).toEqual([
      'hi sent',
      'refused failed',
      'going sending',
      'next sending',
    ]);
  });

  test('have keys that no two share, even when clocks differ by a day', () => {
    const timeline = [
      said('Ada', 'a', '2026-03-01T03:00:00Z'),
      said('Ada', 'b', '2026-02-27T03:00:00Z'),
      said('Ada', 'c', '2026-03-01T03:00:00Z'),
    ];

    const keys = rowsOf(timeline, [], 'Ada', calendar).map(({ key }) => key);

    expect(new Set(keys).size).toBe(keys.length);
  });
});
