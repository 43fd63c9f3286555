import { describe, expect, test } from '@jest/globals';
import { MemoryShare } from '../../../../broker/limits/memory-share.ts';
import { AppendBudget } from '../../../../broker/session/flow/append-budget.ts';
import { AppendCredit } from '../../../../broker/session/flow/append-credit.ts';
import { Replies } from '../../../../broker/session/flow/replies.ts';

const LIMITS = {
  appendBytesMax: 1_000,
  appendsMax: 3,
  clientAppendBytesMax: 10_000,
  clientAppendsMax: 4,
  pendingAppendBytes: 100_000,
  pendingAppendsMax: 100,
};
const ONE = { count: 1, heapBytes: 700, octets: 100 };

function rig() {
  const budget = new AppendBudget({ pending: 0, pendingBytes: 0 }, LIMITS);
  const memory = new MemoryShare({ count: () => undefined });
  const replies = new Replies(memory);
  const reads: string[] = [];
  const credit = (name: string) =>
    new AppendCredit({
      budget,
      client: 'ada',
      limits: LIMITS,
      memory,
      reader: { relieved: () => reads.push(name) },
      replies,
    });
  return { budget, credit, memory, reads, replies };
}

describe('append credit', () => {
  test('is used up by as many messages as may wait for their commit', () => {
    const credit = rig().credit('one');

    credit.reserve({ ...ONE, count: 2 });
    expect(credit.isUsedUp).toBe(false);
    credit.reserve(ONE);
    expect(credit.isUsedUp).toBe(true);

    credit.release(ONE);
    expect(credit.isUsedUp).toBe(false);
  });

  test('is used up by as many bytes as may wait', () => {
    const credit = rig().credit('one');

    credit.reserve({ ...ONE, octets: 1_000 });

    expect(credit.isUsedUp).toBe(true);
    expect(credit.bytes).toBe(1_000);
  });

  test('is used up by replies that wait behind an append', () => {
    const { credit, replies } = rig();
    const one = credit('one');
    replies.reserve();
    for (let next = 1; next < LIMITS.appendsMax; next += 1) replies.next(() => undefined);

    expect(one.isUsedUp).toBe(true);
  });

  test('counts in memory beyond the octets, which the engine counts', () => {
    const { credit, memory } = rig();
    const one = credit('one');

    one.reserve(ONE);
    expect(memory.bytes).toBe(600);

    one.release(ONE);
    expect(memory.bytes).toBe(0);
  });

  test('counts in the share of its client, and makes the session read on when it is released', () => {
    const { credit, reads } = rig();
    const [one, other] = [credit('one'), credit('other')];

    one.reserve({ ...ONE, count: 2 });
    other.reserve({ ...ONE, count: 2 });
    expect(one.share.isUsedUp).toBe(true);

    other.release({ ...ONE, count: 2 });
    expect(one.share.isUsedUp).toBe(false);
    expect(reads).toEqual(['other']);
  });

  test('leaves the share of its client when the session ends, and still settles what waits', () => {
    const { budget, credit } = rig();
    const one = credit('one');
    one.reserve(ONE);

    one.leave();
    expect(budget.clientCount).toBe(1);

    one.release(ONE);
    expect(budget.clientCount).toBe(0);
  });
});
