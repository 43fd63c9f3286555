// All streams of a store, as they were last committed: by destination, those without messages in the
// order in which they lost them, and those with messages by the time of the oldest one. A stream that
// has to make room for others is dormant: its head is on disk only, and looked up when it is asked for.

import { LOST_TERMS, NO_TERMS, type TermHistory } from '../terms.ts';
import { OldestFirst } from './oldest-first.ts';
import type { DormantStream, StoredStream } from './record.ts';

/** A stream as it was last committed. */
export interface StreamState extends StoredStream {
  head: number;
  oldest: number;
  bytes: number;
  /** The terms that appended to it. */
  terms: TermHistory;
}

/** What a store has of its streams. */
export interface KeptStreams {
  /** `null`: it is not dormant, as far as is remembered. */
  dormant(destination: string): DormantStream | null;
  /** No dormant stream that was forgotten had a higher head. */
  dormantFloor(): number;
  /** No new stream gets this number, or a lower one. */
  lastStreamId(): number;
  streams(): Iterable<StoredStream>;
  streamTerms(): ReadonlyMap<number, TermHistory>;
}

/** What a message takes on disk besides its record: its key, its place, and its id in the index. */
const OVERHEAD_BYTES = 64;

/** About what a stream's messages take on disk. */
export function diskBytesOf({ bytes, head, oldest }: Omit<StoredStream, 'id' | 'destination'>) {
  return bytes + (head - oldest + 1) * OVERHEAD_BYTES;
}

export class StreamTable {
  /** Those with messages. */
  readonly order = new OldestFirst<StreamState>();
  /** Those without, longest first. */
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

  /** About what all messages take on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Of these, those with messages. */
  get busySize(): number {
    return this.#streams.size - this.#empty.size;
  }

  all(): Iterable<StreamState> {
    return this.#streams.values();
  }

  /** Those without messages, in the order in which they lost them. */
  empty(): ReadonlySet<StreamState> {
    return this.#empty;
  }

  get(destination: string): StreamState | undefined {
    return this.#streams.get(destination);
  }

  /** One that is in the table, is dormant, or never was. */
  find(destination: string): Readonly<StreamState> {
    return this.#streams.get(destination) ?? this.#wake(destination, 0);
  }

  /** A stream that goes on where it was, or begins; it is in the table when it was committed. */
  create(destination: string): StreamState {
    const stream = this.#wake(destination, this.#lastId + 1);
    this.#lastId = Math.max(this.#lastId, stream.id);
    return stream;
  }

  /** The stream is what was committed. @param at the time of the commit */
  committed(stream: StreamState, now: Omit<StreamState, 'id' | 'destination'>, at: number): void {
    if (this.#streams.has(stream.destination)) this.#bytes -= diskBytesOf(stream);
    stream.bytes = now.bytes;
    stream.head = now.head;
    stream.oldest = now.oldest;
    stream.terms = now.terms;
    this.#add(stream, at);
  }

  /** It is dormant from now on. */
  forget(stream: StreamState): void {
    this.#streams.delete(stream.destination);
    this.#empty.delete(stream);
    this.order.remove(stream);
  }

  /** A commit that failed has looked into the order: nothing of it can be relied upon. */
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

  /** @param id of one that never was */
  #wake(destination: string, id: number): StreamState {
    const dormant = this.#kept.dormant(destination);
    if (dormant !== null) {
      const { head, id: known, terms } = dormant;
      return { id: known, destination, head, oldest: head + 1, bytes: 0, terms };
    }
    const head = this.#kept.dormantFloor();
    // It may have been there, and be forgotten: then all its positions were below these.
    const terms = head === 0 ? NO_TERMS : LOST_TERMS;
    return { id, destination, head, oldest: head + 1, bytes: 0, terms };
  }
}
