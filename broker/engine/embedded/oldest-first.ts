// Streams by the time of their oldest message. The key of a stream is a lower bound of that time. The
// time itself is in the message, which has to be read; so the caller reads it only for the stream that
// is first.

interface Place<Stream> {
  readonly stream: Stream;
  at: number;
}

export class OldestFirst<Stream extends object> {
  /** A binary heap: the entry at n is not after those at 2n + 1 and 2n + 2. */
  #heap: Place<Stream>[] = [];
  readonly #members = new Set<Stream>();

  get size(): number {
    return this.#members.size;
  }

  has(stream: Stream): boolean {
    return this.#members.has(stream);
  }

  /** @param notBefore a lower bound of the time of its oldest message */
  add(stream: Stream, notBefore: number): void {
    if (this.#members.has(stream)) return;
    this.#members.add(stream);
    this.#heap.push({ stream, at: notBefore });
    this.#rise(this.#heap.length - 1);
    // Entries of removed streams are dropped now and then.
    if (this.#heap.length > 2 * this.#members.size + 64) this.#rebuild();
  }

  remove(stream: Stream): void {
    this.#members.delete(stream);
  }

  clear(): void {
    this.#heap = [];
    this.#members.clear();
  }

  /** The stream with the lowest bound; `undefined`: there is none. */
  first(): Stream | undefined {
    for (let [top] = this.#heap; top !== undefined; [top] = this.#heap) {
      if (this.#members.has(top.stream)) return top.stream;
      this.#removeTop();
    }
    return undefined;
  }

  /** Sets the time of the first stream's oldest message. True: the stream is still the first. */
  isFirst(at: number): boolean {
    const stream = this.first();
    const [top] = this.#heap;
    if (stream === undefined || top === undefined) return false;
    // A clock that was set back does not move a stream to the front.
    top.at = Math.max(top.at, at);
    this.#sink(0);
    return this.first() === stream;
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rebuild(): void {
    // A stream that was removed and added again has two entries: the later one counts.
    const places = new Map<Stream, Place<Stream>>();
    for (const place of this.#heap) {
      if (this.#members.has(place.stream)) places.set(place.stream, place);
    }
    this.#heap = [...places.values()].sort((one, other) => one.at - other.at);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = this.#timeOf(right) < this.#timeOf(left) ? right : left;
      if (!this.#swapIfBefore(least, at)) return;
      at = least;
    }
  }

  /** Swaps two entries that are in the wrong order. True: they were. */
  #swapIfBefore(one: number, other: number): boolean {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined || second === undefined || first.at >= second.at) return false;
    this.#heap[one] = second;
    this.#heap[other] = first;
    return true;
  }

  #timeOf(at: number): number {
    return this.#heap[at]?.at ?? Number.POSITIVE_INFINITY;
  }
}
