import { MemoryEngine } from '../../broker/engine/memory-engine.ts';
import { engineContract } from './engine-contract.ts';
import { isKept } from './engine-rig.ts';

const MIB = 1024 * 1024;

engineContract(
  'the memory engine',
  () =>
    new MemoryEngine({
      historyBytes: MIB,
      historyBytesTotal: 10 * MIB,
      historyCount: 1_000,
      keeps: isKept,
      overheadBytes: 0,
      streamsMax: 100,
    }),
);
