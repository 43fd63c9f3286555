import type { Engine, Entry } from '../../../broker/engine/engine.ts';
import {
  MemoryEngine,
  type MemoryEngineLimits,
  type MemoryEngineOptions,
} from '../../../broker/engine/memory-engine.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A memory engine whose limits are large, except for those that the test gives. */
export function memoryEngine(
  limits: Partial<MemoryEngineLimits> = {},
  more: Partial<MemoryEngineOptions> = {},
): MemoryEngine {
  const all = {
    historyBytes: 100_000,
    historyCount: 1_000,
    historySeconds: 0,
    memoryBytes: 1_000_000,
    deduplicationCount: 1_000,
    deduplicationSeconds: 1_000,
    streamsMax: 100,
    ...limits,
  };
  const clock = new FakeClock();
  return new MemoryEngine({ clock, keeps: () => true, limits: all, overheadBytes: 0, ...more });
}

/** A message without headers, at `/a` by default. */
export function entry(text: string, more: Partial<Entry> = {}): Entry {
  return { destination: '/a', message: { headers: [], body: Buffer.from(text) }, ...more };
}

/** A message that counts as so many bytes. */
export function sizedEntry(text: string, bytes: number, destination = '/a'): Entry {
  return entry(text.padEnd(bytes), { destination });
}

/** The texts of all kept messages, oldest first. */
export async function textsOf(engine: Engine, destination = '/a'): Promise<string[]> {
  const query = { destination, from: 'oldest', direction: 'forward', limit: 1_000 } as const;
  const { publications } = await engine.history(query);
  return publications.map(({ message }) => message.body.toString().trim());
}
