import type { StoredStream } from './record.ts';
import { type RepeatLimits, Repeats } from './repeats.ts';
import type { RoomStore } from './room-store.ts';

/** Ids that are held in memory over all streams; those of streams long silent are read again. */
const REMEMBERED_MAX = 250_000;
/** Records that are read for their ids before others get their turn. */
const CHUNK = 500;

/** A stream as it was last committed. */
export interface StreamState extends StoredStream {
  head: number;
  oldest: number;
  bytes: number;
  /** `null`: they stand on disk, and were not read yet. */
  repeats: Repeats | null;
}

/** All streams of a store, as they were last committed, and the ids that they remember. */
export class StreamTable {
  readonly #limits: RepeatLimits;
  readonly #store: RoomStore;
  readonly #streams = new Map<string, StreamState>();
  /** Those whose ids are in memory; the one that was used last stands last. */
  readonly #warm = new Set<StreamState>();
  #lastId = 0;
  #remembered = 0;

  constructor(store: RoomStore, limits: RepeatLimits) {
    this.#store = store;
    this.#limits = limits;
    for (const stream of store.streams()) {
      this.#streams.set(stream.destination, { ...stream, repeats: null });
      this.#lastId = Math.max(this.#lastId, stream.id);
    }
  }

  get size(): number {
    return this.#streams.size;
  }

  all(): Iterable<StreamState> {
    return this.#streams.values();
  }

  get(destination: string): StreamState | undefined {
    return this.#streams.get(destination);
  }

  /** A stream without messages; it is in the table when it was added. */
  create(destination: string): StreamState {
    this.#lastId += 1;
    const repeats = new Repeats(this.#limits);
    return { id: this.#lastId, destination, head: 0, oldest: 1, bytes: 0, repeats };
  }

  add(stream: StreamState): void {
    this.#streams.set(stream.destination, stream);
    if (stream.repeats !== null) this.#warm.add(stream);
  }

  /** Reads the ids that a stream remembers, if they are not there. */
  async warm(stream: StreamState): Promise<void> {
    this.#warm.delete(stream);
    this.#warm.add(stream);
    if (stream.repeats !== null) return;
    const repeats = new Repeats(this.#limits);
    const { head, id, oldest } = stream;
    let from = Math.max(oldest, head - this.#limits.repeatCount + 1);
    while (from <= head) {
      const page = this.#store.read(id, { from, end: head + 1, limit: CHUNK });
      for (const { at, offset, repeat } of page) if (repeat) repeats.add(repeat, offset, at);
      from += CHUNK;
      if (from <= head) await new Promise((resolve) => setImmediate(resolve));
    }
    stream.repeats = repeats;
    this.#remembered += repeats.size;
    this.#cool();
  }

  /** The ids of a stream have changed in number. */
  remembered(change: number): void {
    this.#remembered += change;
  }

  #cool(): void {
    for (const stream of this.#warm) {
      if (this.#remembered <= REMEMBERED_MAX || this.#warm.size === 1) return;
      this.#remembered -= stream.repeats?.size ?? 0;
      stream.repeats = null;
      this.#warm.delete(stream);
    }
  }
}
