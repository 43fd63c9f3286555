const NO_BYTES = Buffer.alloc(0);
const LF = 10;
const CR = 13;
/** The smallest buffer that it allocates. */
const MIN_BYTES = 256;
/** Up to this capacity a copy would save nothing. */
const SMALL_BYTES = 4_096;

/**
 * Received bytes that were not read yet, in one piece. A chunk that is read whole is never
 * copied. The rest of a chunk is joined with the next one in a buffer that grows by doubling, so
 * that a frame which comes byte by byte costs no more than twice its size.
 */
export class Input {
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #isOwn = false;
  /** No octet before this place is the one that was searched for last. */
  #scanned = 0;

  /** The number of bytes that wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The bytes of memory that are kept for those that wait. */
  get capacity(): number {
    if (this.length === 0) return 0;
    return this.#isOwn ? this.#bytes.length : this.#bytes.buffer.byteLength;
  }

  /** Takes a chunk over: the caller does not change it afterwards. */
  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#take(chunk);
      return;
    }
    this.#reserve(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The distance to the next such octet; -1: it was not received yet. */
  find(octet: number): number {
    // Only received bytes are searched: the rest of a buffer holds bytes of earlier frames.
    const came = this.#isOwn ? this.#bytes.subarray(0, this.#end) : this.#bytes;
    const at = came.indexOf(octet, Math.max(this.#start, this.#scanned));
    if (at !== -1) return at - this.#start;
    this.#scanned = this.#end;
    return -1;
  }

  /** The octet at a distance; `undefined` beyond the end. */
  peek(distance = 0): number | undefined {
    return distance < this.length ? this.#bytes[this.#start + distance] : undefined;
  }

  /** The text of the next bytes, or of as many as there are. */
  text(length: number, encoding: 'latin1' | 'utf8'): string {
    const end = this.#start + Math.min(length, this.length);
    return this.#bytes.toString(encoding, this.#start, end);
  }

  /** The next bytes, or as many as there are, without a copy: good until the next `push`. */
  view(length: number): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + Math.min(length, this.length));
  }

  skip(length: number): void {
    this.#start += length;
    this.#scanned = this.#start;
    // A peer that is silent must not hold on to the memory of its last frame.
    if (this.#start === this.#end) this.#take(NO_BYTES);
  }

  /** Skips all line ends, LF or CR LF, that come next. */
  skipLineEnds(): void {
    const bytes = this.#bytes;
    let at = this.#start;
    while (at < this.#end) {
      if (bytes[at] === LF) at += 1;
      else if (bytes[at] === CR && at + 1 < this.#end && bytes[at + 1] === LF) at += 2;
      else break;
    }
    if (at > this.#start) this.skip(at - this.#start);
  }

  /** Moves a small rest of a large buffer into a small one, so that the large one is freed. */
  settle(): void {
    if (this.capacity <= Math.max(SMALL_BYTES, 4 * this.length)) return;
    this.#moveTo(Buffer.allocUnsafe(Math.max(MIN_BYTES, 2 * this.length)));
  }

  clear(): void {
    this.#take(NO_BYTES);
  }

  #take(chunk: Buffer): void {
    this.#bytes = chunk;
    this.#start = this.#scanned = 0;
    this.#end = chunk.length;
    this.#isOwn = false;
  }

  #reserve(more: number): void {
    const length = this.length;
    if (this.#isOwn && this.#end + more <= this.#bytes.length) return;
    const fits = this.#isOwn && length + more <= this.#bytes.length >> 1;
    this.#moveTo(fits ? this.#bytes : Buffer.allocUnsafe(Math.max(MIN_BYTES, 2 * (length + more))));
  }

  #moveTo(target: Buffer): void {
    const { length } = this;
    const known = this.#scanned - this.#start;
    this.#bytes.copy(target, 0, this.#start, this.#end);
    this.#bytes = target;
    this.#isOwn = true;
    this.#start = 0;
    this.#end = length;
    this.#scanned = Math.max(0, known);
  }
}
