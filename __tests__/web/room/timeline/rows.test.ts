import { describe, expect, test } from '@jest/globals';
import { Calendar } from '../../../../web/parts/calendar.ts';
import type { DeliveryState, OutboxEntry } from '../../../../web/room/outbox/outbox-entries.ts';
import type { Loading } from '../../../../web/room/timeline/older-pages.ts';
import { isSameRow, type Row, rowsOf } from '../../../../web/room/timeline/rows.ts';
import {
  EMPTY_TIMELINE,
  type Line,
  type Timeline,
} from '../../../../web/room/timeline/timeline.ts';

const calendar = new Calendar('en-GB', 'Asia/Seoul');
const at = (iso: string) => Date.parse(iso);

const said = (sender: string, text: string, iso: string): Line => ({
  key: text,
  id: text,
  type: 'TALK',
  sender,
  text,
  atMs: at(iso),
  position: 1,
  isPublished: true,
});
const unsent = (text: string, deliveryState: DeliveryState): OutboxEntry => ({
  id: text,
  sender: 'Ada',
  text,
  queuedAtMs: at('2026-03-01T03:10:00Z'),
  triedAtMs: null,
  deliveryState,
});
const rows = (lines: readonly Line[], outbox: readonly OutboxEntry[] = [], sender = 'Ada') =>
  rowsOf({ loading: 'idle', outbox, sender, timeline: { ...EMPTY_TIMELINE, lines } }, calendar);
const shape = (all: readonly Row[]) =>
  all.map((row) => ('text' in row ? `${row.type} ${row.text}` : row.type));
const messages = (all: readonly Row[]) =>
  all.flatMap((row) => (row.type === 'message' ? [row] : []));

describe('isSameRow', () => {
  const [, row] = rows([said('Ada', 'a', '2026-03-01T03:00:00Z')]);

  test('is false for a row that looks different', () => {
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

    expect(shape(rows(timeline))).toEqual([
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

    expect(rows([enter], [], 'Bob')[1]).toMatchObject({
      type: 'notice',
      kind: 'ENTER',
      sender: 'Ada',
      text: 'Ada님이 입장했습니다.',
    });
  });

  test('recognize own messages by the person, not by the spelling of the name', () => {
    const decomposed = '봄'.normalize('NFD');
    const timeline = [
      said(decomposed, 'mine', '2026-03-01T03:00:00Z'),
      said('Bob', 'other', '2026-03-01T03:00:00Z'),
    ];

    expect(messages(rows(timeline, [], ' 봄 ')).map(({ isOwn }) => isOwn)).toEqual([true, false]);
  });

  test('do not repeat the name when the same person continues', () => {
    const timeline = [
      said('Ada', 'one', '2026-03-01T03:00:00Z'),
      said('Ada', 'two', '2026-03-01T03:04:59Z'),
      said('Bob', 'three', '2026-03-01T03:05:00Z'),
      said('Bob', 'four', '2026-03-01T03:10:00Z'),
    ];

    expect(messages(rows(timeline, [], 'x')).map(({ isContinued }) => isContinued)).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  test('end with unsent and refused messages', () => {
    const refusal = { code: 'RATE_LIMITED', text: 'no' };
    const outbox = [
      unsent('refused', { type: 'failed', refusal }),
      unsent('going', { type: 'in-flight' }),
      unsent('next', { type: 'waiting' }),
    ];

    const shown = messages(rows([said('Bob', 'hi', '2026-03-01T03:00:00Z')], outbox));

    expect(shown.map(({ text, state }) => `${text} ${state.type}`)).toEqual([
      'hi sent',
      'refused failed',
      'going sending',
      'next waiting',
    ]);
  });

  test('give unsent messages no day, whenever they were written', () => {
    const timeline = [said('Bob', 'hi', '2026-03-02T03:00:00Z')];
    const old = { ...unsent('old', { type: 'waiting' }), queuedAtMs: 0 };

    expect(shape(rows(timeline, [old])).slice(1)).toEqual(['message hi', 'message old']);
  });

  test('show a published message only once, even if it is still in the outbox', () => {
    const timeline = [said('Ada', 'mine', '2026-03-01T03:00:00Z')];
    const mine = unsent('mine', { type: 'waiting' });
    const other = { ...mine, text: 'another text under this id' };

    expect(shape(rows(timeline, [mine])).slice(1)).toEqual(['message mine']);
    expect(rows(timeline, [other])).toHaveLength(3);
  });

  test('have unique keys, even when clocks differ by a day', () => {
    const timeline = [
      said('Ada', 'a', '2026-03-01T03:00:00Z'),
      said('Ada', 'b', '2026-02-27T03:00:00Z'),
      said('Ada', 'c', '2026-03-01T03:00:00Z'),
    ];

    const keys = rows(timeline).map(({ key }) => key);

    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the row above the oldest line', () => {
  const oldest = said('Ada', 'a', '2026-03-01T03:00:00Z');
  const span = { epoch: 'e1', from: 5, to: 5, head: 5, oldest: 1 };
  const shown = { outbox: [], sender: 'Ada' };
  const top = (timeline: Timeline, loading: Loading = 'idle') =>
    shape(rowsOf({ ...shown, loading, timeline }, calendar)).slice(0, 1);
  const states = (timeline: Timeline, loading: Loading = 'idle') =>
    rowsOf({ ...shown, loading, timeline }, calendar).flatMap((row) =>
      row.type === 'top' ? [row.state] : [],
    );

  test('tells whether older messages can be loaded, or why not', () => {
    const timeline = { past: [], lines: [oldest], span };

    expect(top(timeline)).toEqual(['top']);
    expect(states(timeline)).toEqual(['more']);
    expect(states(timeline, 'loading')).toEqual(['loading']);
    expect(states(timeline, 'failed')).toEqual(['failed']);
    expect(states({ ...timeline, span: { ...span, from: 1 } })).toEqual(['beginning']);
    expect(states({ ...timeline, span: { ...span, oldest: 5 } })).toEqual(['expired']);
  });

  test('is not shown below a gap that says the same', () => {
    const gap = { type: 'gap', key: 'gap' } as const;
    const timeline = { past: [{ ...oldest, key: 'old' }, gap], lines: [oldest], span };

    expect(shape(rowsOf({ ...shown, loading: 'idle', timeline }, calendar)).slice(1)).toEqual([
      'message a',
      'gap',
      'top',
      'message a',
    ]);
    expect(states({ ...timeline, span: { ...span, oldest: 5 } })).toEqual([]);
  });
});
