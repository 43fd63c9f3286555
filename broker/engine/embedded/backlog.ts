import { type Changes, sizeOf } from './changes.ts';
import type { DormantStream } from './record.ts';
import type { LogPosition } from './wal-blocks.ts';

interface Commit {
  /** Bytes of its records. */
  readonly bytes: number;
  readonly changes: Changes;
  readonly end: LogPosition;
  readonly size: number;
}

/** Commits that are in the write-ahead log (WAL), and not in the rooms' file yet. */
export class Backlog {
  #commits: Commit[] = [];
  /** Dormant streams by destination; a stream that wakes up stays until the next checkpoint. */
  readonly #dormant = new Map<string, DormantStream>();
  /** Records by stream and position. */
  readonly #records = new Map<number, Map<number, Buffer>>();
  /** Positions by stream and id of the message. */
  readonly #deduplication = new Map<number, Map<string, number>>();
  #bytes = 0;
  #size = 0;

  /** Bytes of all records. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#commits.length === 0;
  }

  /** The operations that a checkpoint of all commits needs, as `sizeOf` counts them. */
  get size(): number {
    return this.#size;
  }

  /** @param end the log position after the commit */
  add(changes: Changes, end: LogPosition): void {
    const size = sizeOf(changes);
    let bytes = 0;
    for (const { offset, record, deduplicationId, streamId } of changes.writes) {
      bytes += record.length;
      placeOf(this.#records, streamId).set(offset, record);
      if (deduplicationId !== undefined)
        placeOf(this.#deduplication, streamId).set(deduplicationId, offset);
    }
    for (const stream of changes.dormant) this.#dormant.set(stream.destination, stream);
    this.#commits.push({ bytes, changes, end, size });
    this.#bytes += bytes;
    this.#size += size;
  }

  /** All commits, oldest first. */
  all(): readonly Commit[] {
    return this.#commits;
  }

  dormant(destination: string): DormantStream | undefined {
    return this.#dormant.get(destination);
  }

  record(streamId: number, offset: number): Buffer | undefined {
    return this.#records.get(streamId)?.get(offset);
  }

  duplicateOf(streamId: number, deduplicationId: string): number | undefined {
    return this.#deduplication.get(streamId)?.get(deduplicationId);
  }

  /** The oldest commits within these bounds; the first one is among them, however large. */
  first(most: { readonly bytes: number; readonly size: number }): readonly Commit[] {
    let bytes = 0;
    let count = 0;
    let size = 0;
    for (const commit of this.#commits) {
      bytes += commit.bytes;
      size += commit.size;
      if (count > 0 && (bytes > most.bytes || size > most.size)) break;
      count += 1;
    }
    return this.#commits.slice(0, count);
  }

  /** Drops the oldest commits, which are in the rooms' file now. */
  drop(count: number): void {
    for (const { bytes, changes, size } of this.#commits.splice(0, count)) {
      this.#bytes -= bytes;
      this.#size -= size;
      for (const stream of changes.dormant) {
        if (this.dormant(stream.destination) === stream) this.#dormant.delete(stream.destination);
      }
      for (const { offset, deduplicationId, streamId } of changes.writes) {
        drop(this.#records, streamId, offset);
        // A later message may have used the id again.
        if (deduplicationId === undefined || this.duplicateOf(streamId, deduplicationId) !== offset)
          continue;
        drop(this.#deduplication, streamId, deduplicationId);
      }
    }
  }
}

function placeOf<Key, Value>(all: Map<number, Map<Key, Value>>, streamId: number) {
  const known = all.get(streamId);
  if (known !== undefined) return known;
  const place = new Map<Key, Value>();
  all.set(streamId, place);
  return place;
}

function drop<Key>(all: Map<number, Map<Key, unknown>>, streamId: number, key: Key): void {
  const place = all.get(streamId);
  place?.delete(key);
  if (place?.size === 0) all.delete(streamId);
}
