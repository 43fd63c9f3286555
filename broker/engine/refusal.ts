import type { AppendRefusal, Entry } from './engine.ts';

/** What must be known of the streams, to tell whether a list can be appended. */
export interface KnownStreams {
  /** How many more there may be; less than none after the limit was lowered. */
  room(): number;
  has(destination: string): boolean;
  isKept(entry: Entry): boolean;
  /** Whether its id stands for another message already. */
  isTaken(entry: Entry): boolean;
}

/**
 * Why nothing of a list can be appended; `null`: all of it can. Looked for in the whole list before
 * any of it is kept: all or nothing.
 */
export function refusalOf(entries: readonly Entry[], streams: KnownStreams): AppendRefusal | null {
  // Most lists are one message without an id, to a destination that is there.
  let opened: Set<string> | null = null;
  let digests: Map<string, string> | null = null;
  for (const entry of entries) {
    if (!streams.isKept(entry)) continue;
    const { destination, deduplication } = entry;
    if (!streams.has(destination)) {
      opened ??= new Set();
      opened.add(destination);
    }
    if ((opened?.size ?? 0) > streams.room()) return 'STORE_FULL';
    if (streams.isTaken(entry)) return 'ID_TAKEN';
    if (deduplication === undefined || entries.length === 1) continue;
    // The list may repeat itself as well.
    digests ??= new Map();
    const key = JSON.stringify([destination, deduplication.id]);
    if ((digests.get(key) ?? deduplication.digest) !== deduplication.digest) return 'ID_TAKEN';
    digests.set(key, deduplication.digest);
  }
  return null;
}
