import type { Clock } from '../clock.ts';

/** How often something may happen: `burst` times at once, refilled by `perSecond`. */
export interface Rate {
  readonly burst: number;
  /** 0 is no limit. */
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Keys that are remembered at most; about 10 MiB. */
const KEYS_MAX = 100_000;
/** Buckets that a new key looks at to find full ones, so that its cost is bounded. */
const LOOKED_AT_MAX = 8;

/**
 * A token bucket for each key, such as a user or an address. Buckets belong to their keys and not
 * to a connection, so they survive a reconnect. A full bucket is as good as none and is forgotten
 * when a new key needs its place; if none is full, the oldest goes.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #keysMax: number;
  readonly #rate: Rate;

  constructor(clock: Pick<Clock, 'monotonic'>, rate: Rate, keysMax = KEYS_MAX) {
    this.#clock = clock;
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Whether so many tokens are there now; if so, they are taken. */
  take(key: string, tokens = 1): boolean {
    if (this.#rate.perSecond === 0) return true;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? this.#add(key, now);
    this.#refill(bucket, now);
    if (bucket.tokens < tokens) return false;
    bucket.tokens -= tokens;
    return true;
  }

  #refill(bucket: Bucket, now: number): void {
    const { burst, perSecond } = this.#rate;
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond;
    bucket.tokens = Math.min(burst, filled);
    bucket.filledAt = now;
  }

  #add(key: string, now: number): Bucket {
    this.#makePlace(now);
    const bucket = { tokens: this.#rate.burst, filledAt: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #makePlace(now: number): void {
    let lookedAt = 0;
    for (const [key, bucket] of this.#buckets) {
      if (lookedAt === LOOKED_AT_MAX) break;
      lookedAt += 1;
      this.#refill(bucket, now);
      this.#buckets.delete(key);
      // One that is in use goes to the end, so that the next look finds others.
      if (bucket.tokens < this.#rate.burst) this.#buckets.set(key, bucket);
    }
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size < this.#keysMax) break;
      this.#buckets.delete(oldest);
    }
  }
}
