import { Rejection } from './application/rejection.ts';
import type { Engine } from './engine/engine.ts';
import { giveUp, type SendPlan } from './routing/plans.ts';

/** What was published is committed. */
export interface Published {
  /** Its position; `null` where nothing is kept. */
  readonly offset: number | null;
}

/**
 * Carries out what nobody's SEND has asked for.
 *
 * @throws Rejection with the code of whatever has no room for it
 */
export async function publish(plan: SendPlan, engine: Engine): Promise<Published> {
  if (plan.type === 'refused') throw new Rejection(plan.code, plan.text);
  let offset: number | null = null;
  if (plan.entries.length > 0) {
    const outcome = await engine.append(plan.entries);
    if (outcome.type === 'refused') {
      giveUp([plan]);
      throw new Rejection(outcome.code, outcome.text);
    }
    offset = outcome.entries[0]?.offset ?? null;
  }
  for (const put of plan.puts) put.put();
  return { offset };
}
