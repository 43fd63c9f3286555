import type { AppendRefusal, Entry } from './engine.ts';

/** The facts about streams that decide whether a list can be appended. */
export interface KnownStreams {
  /** The number of further streams; negative after the limit was lowered. */
  room(): number;
  has(destination: string): boolean;
  isKept(entry: Entry): boolean;
  /** True if its id stands for another message already. */
  isTaken(entry: Entry): boolean;
}

/**
 * The reason to refuse a list; `null`: it can be appended. The whole list is checked before any of
 * it is kept, because it is appended as a whole or not at all.
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
