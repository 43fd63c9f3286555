import { Rejection } from './application/rejection.ts';
import type { Engine } from './engine/engine.ts';
import { execute, isImmediate, takeEffect } from './routing/plan-execution.ts';
import type { SendPlan } from './routing/plans.ts';

/** The receipt of a publication that is committed. */
export interface Published {
  /** The position of the message; `null` if its destination keeps no history. */
  readonly offset: number | null;
}

/**
 * Carries out a plan that comes from code, not from a client.
 *
 * @throws Rejection with the code of the limit that leaves no room for the message
 */
export async function publish(plan: SendPlan, engine: Engine): Promise<Published> {
  if (plan.type === 'refused') throw new Rejection(plan.code, plan.text);
  const executor = { engine, onError: rethrow };
  if (isImmediate(plan)) {
    takeEffect(plan, executor);
    return { offset: null };
  }
  const outcome = await execute(plan, executor);
  if (outcome.type === 'refused') throw new Rejection(outcome.code, outcome.text);
  return { offset: outcome.entries[0]?.offset ?? null };
}

function rethrow(error: unknown): never {
  throw error;
}
