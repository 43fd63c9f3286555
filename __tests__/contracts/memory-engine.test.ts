import { MemoryEngine } from '../../broker/engine/memory-engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { engineContract } from './engine-contract.ts';
import { isKept, KEPT_BYTES } from './engine-rig.ts';

const MIB = 1024 * 1024;

engineContract(
  'the memory engine',
  () =>
    new MemoryEngine({
      clock: new FakeClock(),
      keeps: isKept,
      limits: {
        historyBytes: KEPT_BYTES,
        historyCount: 1_000,
        historySeconds: 0,
        memoryBytes: 10 * MIB,
        deduplicationCount: 1_000,
        deduplicationSeconds: 1_000,
        streamsMax: 100,
      },
      overheadBytes: 0,
    }),
);
