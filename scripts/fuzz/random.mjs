/** Chance that can be had again: the same seed gives the same answers in the same order. */
export class Random {
  #state;

  /** @param {...(string | number)} seed whatever tells this one from others */
  constructor(...seed) {
    // FNV-1a: near seeds must not give near beginnings.
    let hash = 0x811c9dc5;
    for (const octet of Buffer.from(seed.join('/'))) {
      hash = Math.imul(hash ^ octet, 0x01000193);
    }
    this.#state = hash >>> 0;
  }

  /** From 0 up to 1, without 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} count gives 0 up to one less */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /** @param {number} from @param {number} to itself included */
  between(from, to) {
    return from + this.below(to - from + 1);
  }

  /** @param {number} share of 1 */
  chance(share) {
    return this.next() < share;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)];
  }

  /** @template T @param {readonly (readonly [weight: number, value: T])[]} list @returns {T} */
  weighted(list) {
    let left = this.next() * list.reduce((sum, [weight]) => sum + weight, 0);
    return list.find(([weight]) => {
      left -= weight;
      return left < 0;
    })[1];
  }

  /** @param {number} length */
  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
