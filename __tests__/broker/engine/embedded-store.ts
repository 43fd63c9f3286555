import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import {
  EmbeddedEngine,
  type EmbeddedEngineOptions,
} from '../../../broker/engine/embedded/embedded-engine.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

const MIB = 1024 * 1024;
const started: EmbeddedEngine[] = [];

afterEach(async () => {
  for (const engine of started.splice(0)) await engine.stop();
});

export const ROOMY: EmbeddedEngineOptions['limits'] = {
  dormantStreamsMax: 1_000,
  historyBytes: MIB,
  historyCount: 1_000,
  historySeconds: 0,
  deduplicationCount: 1_000,
  deduplicationSeconds: 1_000,
  storeBytesMax: 1_000 * MIB,
  storeRetryMs: 600_000,
  streamsMax: 100,
};

/** An engine on a folder, not started; it keeps what begins with `/kept/`. */
export function embeddedEngine(
  folder: string,
  {
    limits = {},
    ...more
  }: Partial<Omit<EmbeddedEngineOptions, 'limits'>> & {
    limits?: Partial<EmbeddedEngineOptions['limits']>;
  } = {},
): EmbeddedEngine {
  const engine = new EmbeddedEngine({
    clock: new FakeClock(),
    folder,
    keeps: (destination) => destination.startsWith('/kept/'),
    limits: { ...ROOMY, ...limits },
    log: memoryLog(),
    ...more,
  });
  started.push(engine);
  return engine;
}

/** One that is started. */
export async function startEmbedded(
  ...options: Parameters<typeof embeddedEngine>
): Promise<EmbeddedEngine> {
  const engine = embeddedEngine(...options);
  await engine.start(() => undefined);
  return engine;
}

/** A copy of the files as they are now: the state that a killed process leaves behind. */
export function killedCopy(folder: string): string {
  const copy = emptyFolder();
  for (const name of ['rooms.mdb', 'rooms.journal']) cpSync(join(folder, name), join(copy, name));
  return copy;
}
