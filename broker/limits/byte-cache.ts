/** Heap bytes of an entry besides its value and its key. */
const OVERHEAD_BYTES = 512;

/** A cache that is bounded by the bytes of its values. The entries set longest ago go first. */
export class ByteCache<Value> {
  readonly #bytesMax: number;
  readonly #bytesOf: (value: Value) => number;
  /** In the order in which they were last set. */
  readonly #values = new Map<string, Value>();
  #bytes = 0;

  /**
   * @param bytesMax 0 keeps nothing
   * @param bytesOf the bytes that a value keeps in memory; it must not change
   */
  constructor(bytesMax: number, bytesOf: (value: Value) => number) {
    this.#bytesMax = bytesMax;
    this.#bytesOf = bytesOf;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  /** Adds or replaces a value, and puts it last. */
  set(key: string, value: Value): void {
    this.#forget(key);
    this.#values.set(key, value);
    this.#bytes += this.#weightOf(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#bytes -= this.#weightOf(key, value);
  }

  #weightOf(key: string, value: Value): number {
    return OVERHEAD_BYTES + 2 * key.length + this.#bytesOf(value);
  }
}
