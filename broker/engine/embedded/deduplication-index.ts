// Positions by stream and id of the message. They have no checksums: whoever finds a position here looks
// at the message that stands there, and takes its word.

import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { statsOf } from '../stats.ts';

type Key = [streamId: number, deduplicationId: string];

export class DeduplicationIndex {
  readonly #offsets: Database<unknown, Key>;

  constructor(root: RootDatabase) {
    this.#offsets = root.openDB({ name: 'repeats', encoding: 'ordered-binary' });
  }

  /** Pages that it takes in the file. */
  get pages(): number {
    const { treeBranchPageCount, treeLeafPageCount } = statsOf(this.#offsets);
    return treeBranchPageCount + treeLeafPageCount;
  }

  /** `undefined`: there is none, or it cannot be read. */
  get(streamId: number, deduplicationId: string): number | undefined {
    try {
      const offset = this.#offsets.get(keyOf(streamId, deduplicationId));
      return Number.isSafeInteger(offset) ? Number(offset) : undefined;
    } catch {
      return undefined;
    }
  }

  put(streamId: number, deduplicationId: string, offset: number): Promise<boolean> {
    return this.#offsets.put(keyOf(streamId, deduplicationId), offset);
  }

  remove(streamId: number, deduplicationId: string): Promise<boolean> {
    return this.#offsets.remove(keyOf(streamId, deduplicationId));
  }
}

/** Most ids stand for themselves; what is longer than a key may be, or no plain text, does not. */
function keyOf(streamId: number, deduplicationId: string): Key {
  if (/^[\w-]{1,64}$/.test(deduplicationId)) return [streamId, deduplicationId];
  return [streamId, `=${createHash('sha256').update(deduplicationId).digest('base64')}`];
}
