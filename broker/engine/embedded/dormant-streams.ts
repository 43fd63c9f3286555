// Dormant streams in the rooms' file, by a digest of their destination, and an index by their heads.
// If there are too many, those with the lowest heads are forgotten. The highest forgotten head is the
// floor: an unknown stream begins above it, so that no position is given twice. A client that makes
// very many streams with one message each hardly raises the floor.

import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { statsOf } from '../stats.ts';
import type { Damage } from './damage.ts';
import type { FileState } from './file-state.ts';
import { type DormantStream, packDormant, unpackDormant } from './record.ts';

const DIGEST_BYTES = 16;
const NOTHING = Buffer.alloc(0);

export class DormantStreams {
  readonly #damage: Damage;
  readonly #heads: Database<Buffer, Buffer>;
  readonly #state: FileState;
  readonly #streams: Database<Buffer, Buffer>;
  /** No head of a damaged record was above this one. */
  #damagedFloor = 0;

  constructor(root: RootDatabase, state: FileState, damage: Damage) {
    const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.#streams = root.openDB({ name: 'dormant', ...options });
    this.#heads = root.openDB({ name: 'dormant-heads', ...options });
    this.#state = state;
    this.#damage = damage;
  }

  get(destination: string): DormantStream | null {
    const record = this.#streams.get(digestOf(destination));
    if (record === undefined) return null;
    const stream = unpackDormant(record, destination);
    if (stream !== null) return stream;
    this.#damage.found({ dormant: destination });
    for (const key of this.#heads.getKeys({ reverse: true, limit: 1 })) {
      this.#damagedFloor = Math.max(this.#damagedFloor, partsOf(key).head);
    }
    return null;
  }

  /** The floor: the highest head of a forgotten stream. */
  get floor(): number {
    return Math.max(this.#state.dormancy().floor, this.#damagedFloor);
  }

  get lastStreamId(): number {
    return this.#state.dormancy().lastStreamId;
  }

  /** Writes as a part of a batch. @param max the most streams that are remembered */
  *put(streams: readonly DormantStream[], max: number): Iterable<Promise<unknown>> {
    if (streams.length === 0) return;
    let { floor, lastStreamId } = this.#state.dormancy();
    // The last state of a destination counts.
    const all = new Map(streams.map((stream) => [stream.destination, stream]));
    const put = new Set<string>();
    let count = entriesOf(this.#streams);
    for (const stream of all.values()) {
      const { destination, head, id } = stream;
      const digest = digestOf(destination);
      const before = this.get(destination);
      if (before === null) count += 1;
      else yield this.#heads.remove(headKey(before.head, digest));
      put.add(digest.toString('hex'));
      lastStreamId = Math.max(lastStreamId, id);
      yield this.#streams.put(digest, packDormant(stream));
      yield this.#heads.put(headKey(head, digest), NOTHING);
    }
    for (const key of this.#heads.getKeys({ limit: Math.max(0, count - max) })) {
      const { digest, head } = partsOf(key);
      if (put.has(digest.toString('hex'))) continue;
      floor = Math.max(floor, head);
      yield this.#streams.remove(digest);
      yield this.#heads.remove(Buffer.from(key));
    }
    yield* this.#state.putDormancy({ floor, lastStreamId });
  }
}

function entriesOf(database: Database<Buffer, Buffer>): number {
  return statsOf(database).entryCount;
}

function digestOf(destination: string): Buffer {
  return createHash('sha256').update(destination).digest().subarray(0, DIGEST_BYTES);
}

/** A key whose order is that of the heads. */
function headKey(head: number, digest: Buffer): Buffer {
  const key = Buffer.alloc(8 + DIGEST_BYTES);
  key.writeBigUInt64BE(BigInt(head));
  digest.copy(key, 8);
  return key;
}

function partsOf(key: Uint8Array): { readonly digest: Buffer; readonly head: number } {
  const bytes = Buffer.from(key);
  return { digest: bytes.subarray(8), head: Number(bytes.readBigUInt64BE()) };
}
