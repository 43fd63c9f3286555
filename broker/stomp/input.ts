const NO_BYTES = Buffer.alloc(0);
const LF = 10;
const CR = 13;
/** The smallest buffer that an Input allocates. */
const MIN_BYTES = 256;
/** A buffer of up to this capacity is not worth copying into a smaller one. */
const SMALL_BYTES = 4_096;

/**
 * Received bytes that were not read yet, in one contiguous buffer. A chunk that is read whole is
 * never copied. Otherwise its rest is joined with the next chunk in a buffer that grows by
 * doubling, so that a frame that arrives byte by byte costs no more than twice its size.
 */
export class Input {
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #end = 0;
  #isOwn = false;
  /** Bytes before this index do not hold the octet that `find` last looked for. */
  #scanned = 0;

  /** The number of unread bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The bytes of memory that the unread bytes keep allocated. */
  get capacity(): number {
    if (this.length === 0) return 0;
    return this.#isOwn ? this.#bytes.length : this.#bytes.buffer.byteLength;
  }

  /** Takes ownership of a chunk: the caller must not change it afterwards. */
  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.#take(chunk);
      return;
    }
    this.#reserve(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The distance from the next byte to the first such octet; -1: none was received yet. */
  find(octet: number): number {
    // Only received bytes are searched: the rest of a buffer holds bytes of earlier frames.
    const came = this.#isOwn ? this.#bytes.subarray(0, this.#end) : this.#bytes;
    const at = came.indexOf(octet, Math.max(this.#start, this.#scanned));
    if (at !== -1) return at - this.#start;
    this.#scanned = this.#end;
    return -1;
  }

  /** The octet at a distance from the next byte; `undefined` beyond the end. */
  peek(distance = 0): number | undefined {
    return distance < this.length ? this.#bytes[this.#start + distance] : undefined;
  }

  /** The text of the next bytes, or of as many as there are. */
  text(length: number, encoding: 'latin1' | 'utf8'): string {
    const end = this.#start + Math.min(length, this.length);
    return this.#bytes.toString(encoding, this.#start, end);
  }

  /** The next bytes, or as many as there are, without a copy: valid until the next `push`. */
  view(length: number): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + Math.min(length, this.length));
  }

  skip(length: number): void {
    this.#start += length;
    this.#scanned = this.#start;
    // A silent peer must not keep the memory of its last frame allocated.
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

  /** Copies a small rest of a large buffer into a small one, so that the large one can be freed. */
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
