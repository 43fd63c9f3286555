import { describe, expect, test } from '@jest/globals';
import { MemoryBudget, type MemoryHolder } from '../../../broker/limits/memory-budget.ts';
import { silentLog } from '../../../broker/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

class Holder implements MemoryHolder {
  heldBytes: number;
  isShed = false;
  readonly #budget: MemoryBudget;

  constructor(budget: MemoryBudget, bytes: number) {
    this.#budget = budget;
    this.heldBytes = bytes;
    budget.join(this);
    budget.count(bytes);
  }

  shedForMemory(): void {
    this.isShed = true;
    this.#budget.leave(this);
    this.#budget.count(-this.heldBytes);
  }
}

function budgetOf(bytesMax: number): MemoryBudget {
  return new MemoryBudget({ bytesMax, clock: new FakeClock(), log: silentLog });
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('MemoryBudget', () => {
  test('sheds nobody while there is room', async () => {
    const budget = budgetOf(100);
    const holders = [new Holder(budget, 60), new Holder(budget, 40)];
    await nextTurn();

    expect(holders.map(({ isShed }) => isShed)).toEqual([false, false]);
  });

  test('sheds the session that holds the most, and no more than it must', async () => {
    const budget = budgetOf(100);
    const holders = [new Holder(budget, 30), new Holder(budget, 60), new Holder(budget, 20)];

    // Not in the same turn, because the caller may be iterating over sessions.
    expect(holders.some(({ isShed }) => isShed)).toBe(false);
    await nextTurn();

    expect(holders.map(({ isShed }) => isShed)).toEqual([false, true, false]);
    expect(budget.used).toBe(50);
  });

  test('counts stores, which may have half of it', async () => {
    const budget = budgetOf(100);
    const store = { bytes: 40 };
    budget.addStore(store);
    const holder = new Holder(budget, 70);
    await nextTurn();

    expect(holder.isShed).toBe(true);
    expect([budget.hasRoomInStores(10), budget.hasRoomInStores(11)]).toEqual([true, false]);
  });

  test('sheds nobody for what a store holds alone', async () => {
    const budget = budgetOf(100);
    budget.addStore({ bytes: 200 });
    const idle = new Holder(budget, 0);
    budget.count(1);
    await nextTurn();

    expect(idle.isShed).toBe(false);
  });
});

test('a session whose connection is still closing is shed once, and no other in its stead', async () => {
  const budget = budgetOf(100);
  const shed: string[] = [];
  const holderOf = (name: string, heldBytes: number): MemoryHolder => ({
    heldBytes,
    shedForMemory: () => shed.push(name),
  });
  const [large, small] = [holderOf('large', 80), holderOf('small', 40)];
  for (const holder of [large, small]) {
    budget.join(holder);
    budget.count(holder.heldBytes);
  }
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  budget.count(5);
  await nextTurn();

  expect(shed).toEqual(['large']);
  expect(budget.shedCount).toBe(1);
});
