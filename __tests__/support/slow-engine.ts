import type { AppendOutcome, Engine, Entry } from '../../broker/engine/engine.ts';
import { FactTable } from '../../broker/engine/facts.ts';
import { turns } from './turns.ts';

/** An engine whose commits a test lets happen. */
export function slowEngine() {
  const waiting: { entries: readonly Entry[]; settle: (outcome: AppendOutcome) => void }[] = [];
  const engine: Engine = {
    ends: () => null,
    epoch: 'slow',
    facts: new FactTable(),
    get pending() {
      return waiting.length;
    },
    start: () => Promise.resolve(),
    append: (entries) => new Promise((settle) => waiting.push({ entries, settle })),
    history: () => Promise.resolve({ publications: [], oldest: 1, head: 0 }),
    stop: () => Promise.resolve(),
  };
  const commit = async (count = 1) => {
    for (const { entries, settle } of waiting.splice(0, count)) {
      settle({
        type: 'appended',
        entries: entries.map(() => ({ type: 'committed', offset: null })),
      });
    }
    await turns();
  };
  return { commit, engine, waiting };
}
