import { memoryEngine } from '../broker/engine/memory-store.ts';
import { type Lateness, lateEngine } from '../support/late-engine.ts';
import { engineContract } from './engine-contract.ts';
import { isKept, KEPT_BYTES } from './engine-rig.ts';

const LATENESSES: readonly Lateness[] = ['asks first', 'asks last'];

for (const lateness of LATENESSES) {
  engineContract(`an engine that answers later and ${lateness}`, () =>
    lateEngine(memoryEngine({ historyBytes: KEPT_BYTES }, { keeps: isKept }), lateness),
  );
}
