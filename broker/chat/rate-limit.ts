import type { Clock } from '../clock.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A token bucket for each holder, forgotten with it. */
export class RateLimit<Holder extends object> {
  readonly #buckets = new WeakMap<Holder, Bucket>();
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #perSecond: number;

  /** @param perSecond 0 is no limit; twice as many may come at once */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = 2 * perSecond;
  }

  /** Whether one more is allowed now; it then counts. */
  take(holder: Holder): boolean {
    if (this.#perSecond === 0) return true;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(holder) ?? { tokens: this.#burst, filledAt: now };
    this.#buckets.set(holder, bucket);
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1_000) * this.#perSecond;
    bucket.tokens = Math.min(this.#burst, filled);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
