import { type BucketOptions, type Rate, TokenBucket } from './token-bucket.ts';

/** Most keys in memory, about 10 MiB. */
const KEYS_MAX = 100_000;
/** Buckets that a new key examines to find full ones, so that its cost is bounded. */
const LOOKED_AT_MAX = 8;

/**
 * A token bucket for each key, such as a user or an address. Buckets belong to keys and not to
 * connections, so a reconnect does not reset them. A full bucket equals a new one, so it is evicted
 * when a new key needs its place; if none is full, the oldest goes.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #keysMax: number;
  readonly #options: BucketOptions;
  readonly #unlimited: TokenBucket | null;

  constructor(clock: BucketOptions['clock'], rate: Rate, keysMax = KEYS_MAX) {
    this.#options = { clock, rate, bucketOf: (key) => this.of(key) };
    this.#keysMax = keysMax;
    this.#unlimited = rate.perSecond === 0 ? new TokenBucket('', this.#options) : null;
  }

  /** Number of keys in memory. */
  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of a key, for frequent use. */
  of(key: string): TokenBucket {
    return this.#unlimited ?? this.#buckets.get(key) ?? this.#add(key);
  }

  /** Takes so many tokens if they are there. False: they are not. */
  take(key: string, tokens = 1): boolean {
    return this.of(key).take(tokens);
  }

  #add(key: string): TokenBucket {
    this.#makePlace();
    const bucket = new TokenBucket(key, this.#options);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #makePlace(): void {
    let lookedAt = 0;
    for (const [key, bucket] of this.#buckets) {
      if (lookedAt === LOOKED_AT_MAX) break;
      lookedAt += 1;
      this.#buckets.delete(key);
      // A bucket in use goes to the end, so that the next search examines others.
      if (bucket.isFull) bucket.forget();
      else this.#buckets.set(key, bucket);
    }
    for (const [key, oldest] of this.#buckets) {
      if (this.#buckets.size < this.#keysMax) break;
      oldest.forget();
      this.#buckets.delete(key);
    }
  }
}
