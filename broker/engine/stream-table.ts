import type { StoredStream } from './record.ts';
import { LOST_TERMS, NO_TERMS, type TermHistory } from './terms.ts';

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
  /** No new stream gets this number, or a lower one. */
  lastStreamId(): number;
  streams(): Iterable<StoredStream>;
  streamTerms(): ReadonlyMap<number, TermHistory>;
}

/** All streams of a store, as they were last committed. */
export class StreamTable {
  readonly #streams = new Map<string, StreamState>();
  #lastId = 0;

  constructor(kept: KeptStreams) {
    this.#lastId = kept.lastStreamId();
    const all = kept.streamTerms();
    for (const stream of kept.streams()) {
      const terms = all.get(stream.id) ?? LOST_TERMS;
      this.#streams.set(stream.destination, { ...stream, terms });
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
    return { id: this.#lastId, destination, head: 0, oldest: 1, bytes: 0, terms: NO_TERMS };
  }

  add(stream: StreamState): void {
    this.#streams.set(stream.destination, stream);
  }
}
