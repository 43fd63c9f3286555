import { describe, expect, test } from '@jest/globals';
import { AppendBudget } from '../../../../broker/session/flow/append-budget.ts';

const LIMITS = {
  clientAppendBytesMax: 1_000,
  clientAppendsMax: 10,
  pendingAppendBytes: 10_000,
  pendingAppendsMax: 100,
};

function rig() {
  const engine = { pending: 0, pendingBytes: 0 };
  const relieved: string[] = [];
  const session = (name: string) => ({ relieved: () => void relieved.push(name) });
  return { budget: new AppendBudget(engine, LIMITS), engine, relieved, session };
}

describe('the share of a client', () => {
  test('is one for all of its sessions, and not that of another client', () => {
    const { budget } = rig();
    const one = budget.join('a');
    const other = budget.join('a');

    one.add(10, 10);

    expect(other.isUsedUp).toBe(true);
    expect(budget.join('b').isUsedUp).toBe(false);
  });

  test('is used up by bytes as well', () => {
    const share = rig().budget.join('a');

    share.add(1, 1_000);

    expect(share.isUsedUp).toBe(true);
  });

  test('relieves those that wait once half of it is free', () => {
    const { budget, relieved, session } = rig();
    const share = budget.join('a');
    share.add(10, 10);
    share.whenFree(session('one'));
    share.whenFree(session('two'));

    share.remove(5, 5);
    expect(relieved).toEqual([]);
    share.remove(1, 1);

    expect(relieved).toEqual(['one', 'two']);
  });

  test('outlives a reconnect as long as something of it waits', () => {
    const { budget } = rig();
    const before = budget.join('a');
    before.add(10, 10);
    before.leave();

    expect(budget.join('a').isUsedUp).toBe(true);
  });

  test('is forgotten with the last session and the last that waited', () => {
    const { budget } = rig();
    const share = budget.join('a');
    share.add(1, 1);
    share.leave();
    expect(budget.clientCount).toBe(1);

    share.remove(1, 1);

    expect(budget.clientCount).toBe(0);
  });
});

test('all clients wait while the engine has as much as it may have', () => {
  const { budget, engine, relieved, session } = rig();
  engine.pending = 100;
  expect(budget.isUsedUp).toBe(true);
  expect(budget.mayRead(session('one'), null)).toBe(false);

  engine.pending = 99;
  budget.freed();

  expect(relieved).toEqual(['one']);
});
