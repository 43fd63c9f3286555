// The streams of the memory engine. If there are too many, streams without messages are dropped to
// make room for others, and only their heads are kept. If there are too many heads, the oldest are
// forgotten. An unknown stream begins above all forgotten heads, so no position is given twice.

import type { DeduplicationLimits } from './deduplication.ts';
import { type Retention, Stream } from './stream.ts';

export interface MemoryStreamLimits extends DeduplicationLimits, Retention {
  /** The most streams that are kept, and the most heads of other streams. */
  readonly streamsMax: number;
}

export class MemoryStreams {
  /** Streams with messages, in the order of their latest append. */
  readonly #busy = new Map<string, Stream>();
  /** Streams without messages, in the order in which they lost them. */
  readonly #empty = new Map<string, Stream>();
  /** The heads of streams that made room for others. */
  readonly #heads = new Map<string, number>();
  readonly #limits: MemoryStreamLimits;
  readonly #overheadBytes: number;
  /** The highest head that was forgotten. */
  #floor = 0;

  constructor(limits: MemoryStreamLimits, overheadBytes: number) {
    this.#limits = limits;
    this.#overheadBytes = overheadBytes;
  }

  /** The number of further streams that may have messages. */
  get room(): number {
    return this.#limits.streamsMax - this.#busy.size;
  }

  hasMessages(destination: string): boolean {
    return this.#busy.has(destination);
  }

  get(destination: string): Stream | undefined {
    return this.#busy.get(destination) ?? this.#empty.get(destination);
  }

  /** The newest position given at a destination; before its first, the one that precedes it. */
  headOf(destination: string): number {
    const stream = this.get(destination);
    return stream?.head ?? this.#heads.get(destination) ?? this.#floor;
  }

  /** The stream of a destination, made anew from its head if need be. There must be room. */
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

  /** Files a stream after an append. Retention may have removed the new message already. */
  appended(destination: string, stream: Stream): void {
    this.#busy.delete(destination);
    this.#empty.delete(destination);
    (stream.isEmpty ? this.#empty : this.#busy).set(destination, stream);
  }

  /** Drops the oldest messages of the longest idle streams until `isTooMuch` returns false. */
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
