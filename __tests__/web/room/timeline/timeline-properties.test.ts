import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Calendar } from '../../../../web/parts/calendar.ts';
import type { OutboxEntry } from '../../../../web/room/outbox/outbox-entries.ts';
import { rowsOf } from '../../../../web/room/timeline/rows.ts';
import {
  accepted,
  EMPTY_TIMELINE,
  type Line,
  received,
  started,
  type Timeline,
  topOf,
  withOlder,
} from '../../../../web/room/timeline/timeline.ts';

const calendar = new Calendar('en-GB', 'Asia/Seoul');

const line = (position: number): Line => ({
  key: `e1/${position}`,
  id: `m${position}`,
  type: 'TALK',
  sender: 'Ada',
  text: `m${position}`,
  atMs: position,
  position,
  isPublished: true,
});

/** Lines at the positions `from` to `to`, inclusive. */
const lines = (from: number, to: number): readonly Line[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => line(from + index));

type Step =
  | { readonly type: 'live' }
  | { readonly type: 'duplicate'; readonly back: number }
  | { readonly type: 'receipt'; readonly ahead: number }
  | { readonly type: 'older'; readonly limit: number }
  | { readonly type: 'stale-older'; readonly limit: number };

const some = (max: number) => fc.integer({ min: 1, max });
const stepOf: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('live' as const) }),
  fc.record({ type: fc.constant('duplicate' as const), back: some(40) }),
  fc.record({ type: fc.constant('receipt' as const), ahead: some(6) }),
  fc.record({ type: fc.constant('older' as const), limit: some(9) }),
  fc.record({ type: fc.constant('stale-older' as const), limit: some(9) }),
);

/** The broker's answer to `before=<position>&limit=<limit>`; it keeps everything from `oldest` on. */
function pageBefore(before: number, limit: number, oldest: number) {
  const found = lines(Math.max(oldest, before - limit), before - 1);
  const from = found[0]?.position ?? null;
  return { before, epoch: 'e1', from, head: 1_000, lines: found, oldest };
}

function afterStep(timeline: Timeline, step: Step, oldest: number): Timeline {
  const { from = 1 } = timeline.span ?? {};
  const to = Math.max(timeline.span?.to ?? 0, oldest - 1);
  switch (step.type) {
    case 'live':
      return received(timeline, line(to + 1));
    case 'duplicate':
      return to < oldest ? timeline : received(timeline, line(Math.max(oldest, to - step.back)));
    case 'receipt': {
      const mine = line(to + step.ahead);
      return accepted(timeline, { ...mine, key: mine.id, isPublished: false });
    }
    case 'older':
      return topOf(timeline) === 'more'
        ? withOlder(timeline, pageBefore(from, step.limit, oldest))
        : timeline;
    case 'stale-older':
      return withOlder(timeline, pageBefore(from + step.limit, step.limit, oldest));
  }
}

/** A waiting outbox entry, which may have been published without an answer. */
const entry = (position: number): OutboxEntry => ({
  id: `m${position}`,
  sender: 'Ada',
  text: `m${position}`,
  queuedAtMs: position,
  triedAtMs: null,
  deliveryState: { type: 'waiting' },
});

describe('any order of history, live messages, duplicates, RECEIPTs and outbox', () => {
  test('shows each message once, in order and without gaps', () => {
    const anything = fc.record({
      head: fc.integer({ min: 0, max: 30 }),
      oldest: fc.integer({ min: 1, max: 12 }),
      page: some(10),
      steps: fc.array(stepOf, { maxLength: 60 }),
      waiting: fc.uniqueArray(some(60), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(anything, ({ head, oldest: kept, page, steps, waiting }) => {
        const oldest = Math.min(kept, head + 1);
        const begins = started(EMPTY_TIMELINE, { epoch: 'e1', head }, page);
        const newest = lines(Math.max(oldest, head - page + 1), head).reduce(received, begins);
        const timeline = steps.reduce((all, step) => afterStep(all, step, oldest), newest);

        const { from = 1, to = 0 } = timeline.span ?? {};
        const receivedLines = timeline.lines.filter(({ position }) => position <= to);
        expect(receivedLines.map(({ position }) => position)).toEqual(
          lines(Math.max(from, oldest), to).map(({ position }) => position),
        );
        const outbox = waiting.sort((a, b) => a - b).map(entry);
        const rows = rowsOf({ loading: 'idle', outbox, sender: 'Ada', timeline }, calendar);
        const ids = rows.flatMap((row) => (row.type === 'message' ? [row.id] : []));
        expect(new Set(ids).size).toBe(ids.length);
        const positions = timeline.lines.map(({ position }) => position);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        const keys = rows.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test('loads older pages until everything that is kept is shown', () => {
    const anything = fc.record({
      head: some(200),
      kept: some(200),
      page: some(50),
      limit: some(50),
    });
    fc.assert(
      fc.property(anything, ({ head, kept, limit, page }) => {
        const oldest = Math.min(kept, head);
        const begins = started(EMPTY_TIMELINE, { epoch: 'e1', head }, page);
        let timeline = lines(Math.max(oldest, head - page + 1), head).reduce(received, begins);
        for (let loads = 0; topOf(timeline) === 'more'; loads += 1) {
          expect(loads).toBeLessThanOrEqual(head);
          timeline = withOlder(timeline, pageBefore(timeline.span?.from ?? 1, limit, oldest));
        }

        expect(timeline.lines.map(({ position }) => position)).toEqual(
          lines(oldest, head).map(({ position }) => position),
        );
        expect(topOf(timeline)).toBe(oldest === 1 ? 'beginning' : 'expired');
      }),
    );
  });
});
