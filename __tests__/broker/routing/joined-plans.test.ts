import { describe, expect, test } from '@jest/globals';
import type { Maybe } from '../../../broker/maybe.ts';
import { joinPlans } from '../../../broker/routing/joined-plans.ts';
import { accepted, refused, type SendPlan } from '../../../broker/routing/plans.ts';
import { turns } from '../../support/turns.ts';

type Item = 'kept' | 'refused' | 'broken';

/** Makes a plan for each item, at once or later, and notes what becomes of its reservation. */
function planner(isLate: (at: number) => boolean) {
  const events: string[] = [];
  const planNow = (item: Item, at: number): SendPlan => {
    events.push(`plan ${at}`);
    if (item === 'broken') throw new Error('a bug');
    if (item === 'refused') return refused('QUEUE_FULL', 'the queue is full');
    const [put, cancel] = [
      () => void events.push(`put ${at}`),
      () => void events.push(`cancel ${at}`),
    ];
    return accepted({ puts: [{ put, cancel }] });
  };
  const planOf = (item: Item, at: number): Maybe<SendPlan> => {
    return isLate(at) ? turns(2).then(() => planNow(item, at)) : planNow(item, at);
  };
  return { events, planOf };
}

describe.each([
  ['at once', () => false],
  ['later', () => true],
  ['at once and then later', (at: number) => at > 0],
  ['later and then at once', (at: number) => at === 0],
])('plans that are made %s', (_when, isLate) => {
  test('are one plan, in their order', async () => {
    const { events, planOf } = planner(isLate);

    const plan = await joinPlans<Item>(['kept', 'kept', 'kept'], planOf);
    if (plan.type === 'accepted') for (const put of plan.puts) put.put();

    expect(events).toEqual(['plan 0', 'plan 1', 'plan 2', 'put 0', 'put 1', 'put 2']);
  });

  test('hold nothing if one of them is refused, and make no later one', async () => {
    const { events, planOf } = planner(isLate);

    const plan = await joinPlans<Item>(['kept', 'refused', 'kept'], planOf);

    expect(plan).toMatchObject({ type: 'refused', code: 'QUEUE_FULL' });
    expect(events).toEqual(['plan 0', 'plan 1', 'cancel 0']);
  });

  test('hold nothing if one of them fails', async () => {
    const { events, planOf } = planner(isLate);
    const join = async () => joinPlans<Item>(['kept', 'broken', 'kept'], planOf);

    await expect(join()).rejects.toThrow('a bug');

    expect(events).toEqual(['plan 0', 'plan 1', 'cancel 0']);
  });
});

test('no plans at all are one that does nothing', () => {
  expect(joinPlans<Item>([], planner(() => false).planOf)).toEqual(accepted({}));
});
