// Carries plans out: one append, and after its commit what must not happen without it. Sessions
// use it for what clients send, `publish.ts` for what code publishes, and the chat for its own
// messages.

import type { AppendOutcome, Engine } from '../engine/engine.ts';
import type { Accepted, Action } from './plans.ts';

export interface Executor {
  readonly engine: Pick<Engine, 'append'>;
  /** The sender (`AppendOptions.source`); absent: the server itself. */
  readonly source?: string;
  /**
   * Hears the error of an action that threw. The other actions still run, and nothing is undone.
   */
  readonly onError: (error: unknown) => void;
}

/** True: the plan has nothing for the engine, so it can take effect without a commit. */
export function isImmediate({ entries, facts }: Accepted): boolean {
  return entries.length === 0 && facts.length === 0;
}

/**
 * Appends what the plan has for the engine, then either takes effect or is cancelled. Resolves
 * after that: for plans of one source, in the order of the calls.
 */
export function execute(plan: Accepted, executor: Executor): Promise<AppendOutcome> {
  return new Promise((resolve, reject) => executeThen(plan, executor, resolve, reject));
}

/** Like `execute`, but calls back: a promise for each SEND of a session would cost more. */
export function executeThen(
  plan: Accepted,
  executor: Executor,
  settled: (outcome: AppendOutcome) => void,
  failed: (error: unknown) => void,
): void {
  const { engine, source } = executor;
  engine.append(plan.entries, { facts: plan.facts, source }).then((outcome) => {
    try {
      apply(plan, outcome, executor);
    } catch (error) {
      failed(error);
      return;
    }
    settled(outcome);
  }, failed);
}

function apply(plan: Accepted, outcome: AppendOutcome, executor: Executor): void {
  if (outcome.type === 'appended') takeEffect(plan, executor);
  else cancel(plan, executor);
}

/** The effects of a plan that is committed, or that is immediate. */
export function takeEffect(
  { committed, puts }: Accepted,
  { onError }: Pick<Executor, 'onError'>,
): void {
  for (const put of puts) put.put();
  runAll(committed, onError);
}

function cancel({ cancelled, puts }: Accepted, { onError }: Executor): void {
  for (const put of puts) put.cancel();
  runAll(cancelled, onError);
}

function runAll(actions: readonly Action[], onError: Executor['onError']): void {
  for (const action of actions) {
    try {
      action();
    } catch (error) {
      onError(error);
    }
  }
}
