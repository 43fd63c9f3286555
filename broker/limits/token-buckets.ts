import { type BucketOptions, type Rate, TokenBucket } from './token-bucket.ts';

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
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #keysMax: number;
  readonly #options: BucketOptions;
  readonly #unlimited: TokenBucket | null;

  constructor(clock: BucketOptions['clock'], rate: Rate, keysMax = KEYS_MAX) {
    this.#options = { clock, rate, bucketOf: (key) => this.of(key) };
    this.#keysMax = keysMax;
    this.#unlimited = rate.perSecond === 0 ? new TokenBucket('', this.#options) : null;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of a key, for whoever takes from it often. */
  of(key: string): TokenBucket {
    return this.#unlimited ?? this.#buckets.get(key) ?? this.#add(key);
  }

  /** Whether so many tokens are there now; if so, they are taken. */
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
      // One that is in use goes to the end, so that the next look finds others.
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
