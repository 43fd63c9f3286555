import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Signal, signal } from '@preact/signals';
import { OlderPages } from '../../../../web/room/timeline/older-pages.ts';
import {
  EMPTY_TIMELINE,
  skipped,
  started,
  type Timeline,
  topOf,
  withOlder,
} from '../../../../web/room/timeline/timeline.ts';
import { FakeHistory } from '../../support/fake-history.ts';

let history: FakeHistory;
let older: OlderPages;
let timeline: Signal<Timeline>;

/** A timeline of the last two messages up to `head`. */
const newest = (head: number) =>
  [head - 1, head].reduce(skipped, started(EMPTY_TIMELINE, { epoch: 'e1', head }, 2));

beforeEach(() => {
  history = new FakeHistory();
  timeline = signal(newest(9));
  older = new OlderPages({
    add: (page) => {
      const before = timeline.value;
      timeline.value = withOlder(before, page);
      return timeline.value !== before;
    },
    read: history.read,
    roomId: '7',
    timeline,
  });
});

const page = (from: number, to: number, epoch = 'e1') => ({
  epoch,
  oldest: 1,
  head: 9,
  messages: Array.from({ length: to - from + 1 }, (_, index) => ({
    offset: from + index,
    message: {
      type: 'TALK',
      sender: 'Bob',
      message: `m${from + index}`,
      id: `m${from + index}`,
      at: '2026-03-01T03:00:00.000Z',
    },
  })),
});
const texts = () => timeline.value.lines.map(({ text }) => text);

describe('older pages', () => {
  test('are loaded one at a time, down to the beginning', async () => {
    older.load();
    older.load();
    expect(history.asked).toEqual([8]);
    expect(older.state.value).toBe('loading');

    await history.answer(page(4, 7));
    older.load();
    await history.answer(page(1, 3));
    older.load();

    expect(history.asked).toEqual([8, 4]);
    expect(texts()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    expect(topOf(timeline.value)).toBe('beginning');
  });

  test('are not loaded before the newest page has arrived', () => {
    timeline.value = started(EMPTY_TIMELINE, { epoch: 'e1', head: 9 }, 2);

    older.load();

    expect(history.asked).toEqual([]);
  });

  test('that failed to load are requested again only by the reader', async () => {
    older.load();
    await history.answer(null);
    expect(older.state.value).toBe('failed');

    older.load();
    expect(history.asked).toEqual([8]);
    older.retry();

    expect(history.asked).toEqual([8, 8]);
  });

  test('that failed to load may be requested after a reconnect', async () => {
    older.load();
    await history.answer(null);

    older.clearFailure();
    older.load();

    expect(history.asked).toEqual([8, 8]);
  });

  test('of another life of the store are rejected', async () => {
    older.load();
    await history.answer(page(4, 7, 'e2'));

    expect(texts()).toEqual([]);
    expect(older.state.value).toBe('failed');
  });

  test('are requested again when the top has moved meanwhile', async () => {
    older.load();
    timeline.value = newest(90);
    await history.answer(page(4, 7));
    expect(older.state.value).toBe('idle');

    older.load();

    expect(history.asked).toEqual([8, 89]);
  });

  test('are aborted when the visit ends', async () => {
    older.load();
    older.stop();
    await history.answer(page(4, 7));

    expect(history.signals[0]?.aborted).toBe(true);
    expect(texts()).toEqual([]);
  });
});
