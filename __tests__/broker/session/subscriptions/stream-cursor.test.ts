import { describe, expect, test } from '@jest/globals';
import type { HistoryPage } from '../../../../broker/engine/engine.ts';
import { StreamCursor } from '../../../../broker/session/subscriptions/stream-cursor.ts';

const START = { head: 9, isLenient: false, mayStartLater: false, next: 4 };

function page(offsets: readonly number[], oldest = 1, head = 9): HistoryPage {
  const message = { headers: [], body: Buffer.alloc(0) };
  const publications = offsets.map((offset) => ({
    destination: '/topic/kept/a',
    id: `${offset}`,
    isEphemeral: false,
    message,
    offset,
  }));
  return { head, oldest, publications };
}

describe('the cursor of a stream', () => {
  test('is behind until everything up to the head of its start was delivered', () => {
    const cursor = new StreamCursor(START);
    expect(cursor.isBehind).toBe(true);

    for (const offset of [4, 5, 6, 7, 8]) cursor.advance(offset);
    cursor.checkCaughtUp();
    expect(cursor.isBehind).toBe(true);

    cursor.advance(9);
    cursor.checkCaughtUp();
    expect(cursor.isBehind).toBe(false);
    expect(cursor.isAt(9)).toBe(true);
  });

  test('begins with the first live message if no start was asked for', () => {
    const cursor = new StreamCursor(null);

    expect(cursor.isOwed(17)).toBe(true);
    cursor.advance(17);

    expect(cursor.next).toBe(18);
    expect(cursor.isAt(17)).toBe(true);
  });

  test('owes no live message that was already read from the history', () => {
    const cursor = new StreamCursor(START);
    cursor.advance(9);
    cursor.checkCaughtUp();

    expect([8, 9, 10].map((offset) => cursor.isOwed(offset))).toEqual([false, false, true]);
  });

  test('is behind again after a live message did not fit', () => {
    const cursor = new StreamCursor({ ...START, next: 10 });
    expect(cursor.isBehind).toBe(false);

    cursor.miss(12);

    expect(cursor.isBehind).toBe(true);
    expect(cursor.isAt(9)).toBe(false);
    expect(cursor.next).toBe(10);
  });
});

describe('a page of the history', () => {
  test('is accepted from the position that is owed', () => {
    expect(new StreamCursor(START).accept(page([4, 5, 6]))).toBe(true);
  });

  test('is not accepted if a message in it is damaged, and was promised', () => {
    expect(new StreamCursor(START).accept(page([4, 6]))).toBe(false);
    expect(new StreamCursor(START).accept(page([5, 6]))).toBe(false);
    expect(new StreamCursor(START).accept(page([]))).toBe(false);
  });

  test('may lack damaged messages until a lenient start has caught up', () => {
    const cursor = new StreamCursor({ ...START, isLenient: true });

    expect(cursor.accept(page([6, 9]))).toBe(true);
    expect(cursor.next).toBe(6);

    cursor.advance(9);
    cursor.checkCaughtUp();
    cursor.miss(12);
    expect(cursor.accept(page([11, 12], 1, 12))).toBe(false);
  });

  test('may begin later if the oldest messages expired before anything was promised', () => {
    expect(new StreamCursor(START).accept(page([6, 7], 6))).toBe(false);

    const cursor = new StreamCursor({ ...START, mayStartLater: true });
    expect(cursor.accept(page([6, 7], 6))).toBe(true);
    expect(cursor.next).toBe(6);
  });

  test('may not begin later once a message was delivered', () => {
    const cursor = new StreamCursor({ ...START, mayStartLater: true });
    cursor.advance(4);

    expect(cursor.accept(page([6, 7], 6))).toBe(false);
  });

  test('that is empty ends a lenient catch-up at the head', () => {
    const cursor = new StreamCursor({ ...START, isLenient: true });

    expect(cursor.accept(page([]))).toBe(true);
    cursor.checkCaughtUp();

    expect(cursor.isBehind).toBe(false);
    expect(cursor.next).toBe(10);
  });
});
