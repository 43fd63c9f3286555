import { describe, expect, test } from '@jest/globals';
import { defaultBudgetBytes, MemoryBudget } from '../../../broker/limits/memory-budget.ts';
import { MemoryShare } from '../../../broker/limits/memory-share.ts';
import { silentLog } from '../../../broker/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('MemoryShare', () => {
  test('counts what one session holds, and counts it in the budget of all', () => {
    const budget = new MemoryBudget({ bytesMax: 100, clock: new FakeClock(), log: silentLog });
    const [one, other] = [new MemoryShare(budget), new MemoryShare(budget)];

    one.count(30);
    other.count(20);
    one.count(-10);

    expect([one.bytes, other.bytes, budget.used]).toEqual([20, 20, 40]);
  });
});

test('the default budget is half of the heap, and at most 512 MiB', () => {
  const mib = 1_024 * 1_024;

  expect(defaultBudgetBytes(512 * mib)).toBe(256 * mib);
  expect(defaultBudgetBytes(4_096 * mib)).toBe(512 * mib);
});
