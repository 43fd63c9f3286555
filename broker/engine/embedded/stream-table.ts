// All streams of a store, in their last committed state: by destination; those without messages in the
// order in which they lost them; and those with messages by the time of the oldest one. A stream that
// has to make room for others becomes dormant: its head is only on disk, and is read when needed.

import { LOST_TERMS, NO_TERMS, type TermHistory } from '../terms.ts';
import { OldestFirst } from './oldest-first.ts';
import type { DormantStream, StoredStream } from './record.ts';

/** The last committed state of a stream. */
export interface StreamState extends StoredStream {
  head: number;
  oldest: number;
  bytes: number;
  /** The terms that appended to it. */
  terms: TermHistory;
}

/** The streams of a store, as they are on disk. */
export interface KeptStreams {
  /** `null`: the stream is not dormant, or was forgotten. */
  dormant(destination: string): DormantStream | null;
  /** The highest head of a forgotten dormant stream. */
  dormantFloor(): number;
  /** The highest stream number; new streams get higher ones. */
  lastStreamId(): number;
  streams(): Iterable<StoredStream>;
  streamTerms(): ReadonlyMap<number, TermHistory>;
}

/** The bytes on disk of a message besides its record: its key, its place, and its id in the index. */
const OVERHEAD_BYTES = 64;

/** The approximate bytes on disk of a stream's messages. */
export function diskBytesOf({ bytes, head, oldest }: Omit<StoredStream, 'id' | 'destination'>) {
  return bytes + (head - oldest + 1) * OVERHEAD_BYTES;
}

export class StreamTable {
  /** Streams with messages. */
  readonly order = new OldestFirst<StreamState>();
  /** Streams without messages, those without for longest first. */
  readonly #empty = new Set<StreamState>();
  readonly #kept: KeptStreams;
  readonly #streams = new Map<string, StreamState>();
  #bytes = 0;
  #lastId = 0;

  constructor(kept: KeptStreams) {
    this.#kept = kept;
    this.#lastId = kept.lastStreamId();
    const all = kept.streamTerms();
    for (const stream of kept.streams()) {
      const terms = all.get(stream.id) ?? LOST_TERMS;
      this.#lastId = Math.max(this.#lastId, stream.id);
      this.#add({ ...stream, terms }, Number.NEGATIVE_INFINITY);
    }
  }

  /** The approximate bytes on disk of all messages. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** The number of streams with messages. */
  get busySize(): number {
    return this.#streams.size - this.#empty.size;
  }

  /** True: the messages take more than this on disk, and some can be removed. */
  exceeds(bytesMax: number): boolean {
    return this.#bytes > bytesMax && this.busySize > 0;
  }

  all(): Iterable<StreamState> {
    return this.#streams.values();
  }

  /** Streams without messages, in the order in which they lost them. */
  empty(): ReadonlySet<StreamState> {
    return this.#empty;
  }

  get(destination: string): StreamState | undefined {
    return this.#streams.get(destination);
  }

  /** A stream in the table, a dormant one, or one that never existed. */
  find(destination: string): Readonly<StreamState> {
    return this.#streams.get(destination) ?? this.#wake(destination, 0);
  }

  /** A stream that continues from its head, or begins. It enters the table when it is committed. */
  create(destination: string): StreamState {
    const stream = this.#wake(destination, this.#lastId + 1);
    this.#lastId = Math.max(this.#lastId, stream.id);
    return stream;
  }

  /** Sets the committed state of a stream. @param at the time of the commit */
  committed(stream: StreamState, now: Omit<StreamState, 'id' | 'destination'>, at: number): void {
    if (this.#streams.has(stream.destination)) this.#bytes -= diskBytesOf(stream);
    stream.bytes = now.bytes;
    stream.head = now.head;
    stream.oldest = now.oldest;
    stream.terms = now.terms;
    this.#add(stream, at);
  }

  /** Removes a stream that is dormant from now on. */
  forget(stream: StreamState): void {
    this.#streams.delete(stream.destination);
    this.#empty.delete(stream);
    this.order.remove(stream);
  }

  /** Rebuilds the order after a commit that changed it and failed. */
  resetOrder(): void {
    this.order.clear();
    for (const stream of this.#streams.values()) {
      if (!this.#empty.has(stream)) this.order.add(stream, Number.NEGATIVE_INFINITY);
    }
  }

  #add(stream: StreamState, notBefore: number): void {
    this.#streams.set(stream.destination, stream);
    this.#bytes += diskBytesOf(stream);
    if (stream.oldest > stream.head) {
      this.#empty.add(stream);
      this.order.remove(stream);
      return;
    }
    this.#empty.delete(stream);
    this.order.add(stream, notBefore);
  }

  /** @param id the number of a stream that never existed */
  #wake(destination: string, id: number): StreamState {
    const dormant = this.#kept.dormant(destination);
    if (dormant !== null) {
      const { head, id: known, terms } = dormant;
      return { id: known, destination, head, oldest: head + 1, bytes: 0, terms };
    }
    const head = this.#kept.dormantFloor();
    // The stream may have existed and been forgotten; then all its positions were at or below the floor.
    const terms = head === 0 ? NO_TERMS : LOST_TERMS;
    return { id, destination, head, oldest: head + 1, bytes: 0, terms };
  }
}
