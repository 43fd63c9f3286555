import type { StoredStream } from './record.ts';

/** A stream as it was last committed. */
export interface StreamState extends StoredStream {
  head: number;
  oldest: number;
  bytes: number;
}

/** All streams of a store, as they were last committed. */
export class StreamTable {
  readonly #streams = new Map<string, StreamState>();
  #lastId = 0;

  constructor(streams: Iterable<StoredStream>) {
    for (const stream of streams) {
      this.#streams.set(stream.destination, { ...stream });
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
    return { id: this.#lastId, destination, head: 0, oldest: 1, bytes: 0 };
  }

  add(stream: StreamState): void {
    this.#streams.set(stream.destination, stream);
  }
}
