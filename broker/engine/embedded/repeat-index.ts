// Positions by stream and id of the message. They have no checksums: whoever finds a position here looks
// at the message that stands there, and takes its word.

import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { statsOf } from '../stats.ts';

type Key = [streamId: number, repeatId: string];

export class RepeatIndex {
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
  get(streamId: number, repeatId: string): number | undefined {
    try {
      const offset = this.#offsets.get(keyOf(streamId, repeatId));
      return Number.isSafeInteger(offset) ? Number(offset) : undefined;
    } catch {
      return undefined;
    }
  }

  put(streamId: number, repeatId: string, offset: number): Promise<boolean> {
    return this.#offsets.put(keyOf(streamId, repeatId), offset);
  }

  remove(streamId: number, repeatId: string): Promise<boolean> {
    return this.#offsets.remove(keyOf(streamId, repeatId));
  }
}

/** Most ids stand for themselves; what is longer than a key may be, or no plain text, does not. */
function keyOf(streamId: number, repeatId: string): Key {
  if (/^[\w-]{1,64}$/.test(repeatId)) return [streamId, repeatId];
  return [streamId, `=${createHash('sha256').update(repeatId).digest('base64')}`];
}
