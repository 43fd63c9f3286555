import type { Maybe } from '../maybe.ts';
import { type Accepted, giveUp, mergePlans, type SendPlan } from './plans.ts';

/**
 * Makes several plans and joins them into one, in their order; a plan may take its time. If one of
 * them is refused or fails, nothing is held for the others.
 */
export function joinPlans<T>(
  items: readonly T[],
  planOf: (item: T, at: number) => Maybe<SendPlan>,
): Maybe<SendPlan> {
  const plans: Accepted[] = [];
  try {
    for (const [at, item] of items.entries()) {
      const plan = planOf(item, at);
      if (plan instanceof Promise)
        return joinLater(plans, plan, items.slice(at + 1), planOf, at + 1);
      if (plan.type === 'refused') {
        giveUp(plans);
        return plan;
      }
      plans.push(plan);
    }
  } catch (error) {
    giveUp(plans);
    throw error;
  }
  return mergePlans(plans);
}

/** Waits for one plan before it makes the next, so that reservations are made in order. */
async function joinLater<T>(
  before: readonly Accepted[],
  late: Promise<SendPlan>,
  rest: readonly T[],
  planOf: (item: T, at: number) => Maybe<SendPlan>,
  from: number,
): Promise<SendPlan> {
  const plans = [...before];
  try {
    let plan = await late;
    for (const [at, item] of rest.entries()) {
      if (plan.type === 'refused') break;
      plans.push(plan);
      plan = await planOf(item, from + at);
    }
    if (plan.type === 'accepted') return mergePlans([...plans, plan]);
    giveUp(plans);
    return plan;
  } catch (error) {
    giveUp(plans);
    throw error;
  }
}
