// The streams of the memory engine. Those without messages make room for others when there are too many,
// and leave their heads behind; of too many heads the oldest go, and streams that are not known any more
// begin above all of these, so that no position is given twice.

import type { DeduplicationLimits } from './deduplication.ts';
import { type Retention, Stream } from './stream.ts';

export interface MemoryStreamLimits extends DeduplicationLimits, Retention {
  /** Streams that are kept, and heads of others. */
  readonly streamsMax: number;
}

export class MemoryStreams {
  /** Those with messages; the one that was appended to last stands last. */
  readonly #busy = new Map<string, Stream>();
  /** Those without; the one that lost them last stands last. */
  readonly #empty = new Map<string, Stream>();
  /** Of those that made room. */
  readonly #heads = new Map<string, number>();
  readonly #limits: MemoryStreamLimits;
  readonly #overheadBytes: number;
  /** No head that was forgotten was higher. */
  #floor = 0;

  constructor(limits: MemoryStreamLimits, overheadBytes: number) {
    this.#limits = limits;
    this.#overheadBytes = overheadBytes;
  }

  /** How many more there may be with messages. */
  get room(): number {
    return this.#limits.streamsMax - this.#busy.size;
  }

  hasMessages(destination: string): boolean {
    return this.#busy.has(destination);
  }

  get(destination: string): Stream | undefined {
    return this.#busy.get(destination) ?? this.#empty.get(destination);
  }

  /** The newest position that was given at a destination, or above which its first one will be. */
  headOf(destination: string): number {
    const stream = this.get(destination);
    return stream?.head ?? this.#heads.get(destination) ?? this.#floor;
  }

  /** One that goes on where it was, or begins; there must be room. */
  open(destination: string): Stream {
    const known = this.get(destination);
    if (known !== undefined) return known;
    const head = this.headOf(destination);
    this.#heads.delete(destination);
    for (const [longest, { head: left }] of this.#empty) {
      if (this.#busy.size + this.#empty.size < this.#limits.streamsMax) break;
      this.#empty.delete(longest);
      this.#remember(longest, left);
    }
    return new Stream(this.#overheadBytes, this.#limits, head);
  }

  /** It was appended to. */
  appended(destination: string, stream: Stream): void {
    this.#busy.delete(destination);
    this.#empty.delete(destination);
    (stream.isEmpty ? this.#empty : this.#busy).set(destination, stream);
  }

  /** Lets the oldest messages of those go that are silent for longest, as long as it is too much. */
  shrink(isTooMuch: () => boolean, dropOldest: (stream: Stream) => void): void {
    for (const [destination, stream] of this.#busy) {
      while (isTooMuch() && !stream.isEmpty) dropOldest(stream);
      if (!stream.isEmpty) return;
      this.#busy.delete(destination);
      this.#empty.set(destination, stream);
    }
  }

  #remember(destination: string, head: number): void {
    this.#heads.set(destination, head);
    if (this.#heads.size <= this.#limits.streamsMax) return;
    for (const [oldest, forgotten] of this.#heads) {
      this.#heads.delete(oldest);
      this.#floor = Math.max(this.#floor, forgotten);
      return;
    }
  }
}
