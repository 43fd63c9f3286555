// Positions by stream and message id. They have no checksums: the message at a position that is found
// here has to confirm the id.

import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { statsOf } from '../stats.ts';

type Key = [streamId: number, deduplicationId: string];

export class DeduplicationIndex {
  readonly #offsets: Database<unknown, Key>;

  constructor(root: RootDatabase) {
    this.#offsets = root.openDB({ name: 'repeats', encoding: 'ordered-binary' });
  }

  /** The pages of the index in the file. */
  get pages(): number {
    const { treeBranchPageCount, treeLeafPageCount } = statsOf(this.#offsets);
    return treeBranchPageCount + treeLeafPageCount;
  }

  /** `undefined`: no message has the id, or the entry cannot be read. */
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

/** Most ids are their own key. One that is too long for a key, or no plain text, is hashed. */
function keyOf(streamId: number, deduplicationId: string): Key {
  if (/^[\w-]{1,64}$/.test(deduplicationId)) return [streamId, deduplicationId];
  return [streamId, `=${createHash('sha256').update(deduplicationId).digest('base64')}`];
}
