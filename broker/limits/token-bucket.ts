import type { Clock } from '../clock.ts';

/** A rate: `burst` tokens at once, refilled by `perSecond`. */
export interface Rate {
  readonly burst: number;
  /** 0 is no limit. */
  readonly perSecond: number;
}

/** A holder of a place in the queue for tokens, compared by identity. */
export type Waiter = object;

export interface BucketOptions {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly rate: Rate;
  /** The present bucket of the key. */
  readonly bucketOf: (key: string) => TokenBucket;
}

/** Least time between two services of waiters, so that one timer serves many of them. */
const SERVE_MS = 10;

/**
 * The tokens of one key. A frequent user may keep a reference: a bucket that was evicted passes
 * everything on to the present bucket of its key.
 *
 * It is refilled only when it is half empty, so that a client far below the rate never reads the
 * clock. After a pause it may therefore let half a burst more through.
 */
export class TokenBucket {
  readonly #key: string;
  readonly #options: BucketOptions;
  #filledAt: number;
  #isForgotten = false;
  #isServing = false;
  #tokens: number;
  /** `null`: nothing has waited yet, as with most keys. */
  #waiting: Map<Waiter, () => void> | null = null;

  constructor(key: string, options: BucketOptions) {
    this.#key = key;
    this.#options = options;
    this.#tokens = options.rate.burst;
    this.#filledAt = options.clock.monotonic();
  }

  /** True if it is full and nothing waits, so that it equals a new bucket. */
  get isFull(): boolean {
    this.#refill();
    return this.#tokens >= this.#options.rate.burst && !this.#hasWaiters;
  }

  /**
   * Takes so many tokens if they are there. False: they are not, or others wait for theirs. More
   * tokens than a burst count as a burst, because the bucket never holds more.
   */
  take(wanted = 1): boolean {
    if (this.#options.rate.perSecond === 0) return true;
    if (this.#isForgotten) return this.#options.bucketOf(this.#key).take(wanted);
    const tokens = Math.min(wanted, this.#options.rate.burst);
    if (this.#hasWaiters) return false;
    if (this.#tokens - tokens < this.#options.rate.burst / 2) this.#refill();
    if (this.#tokens < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  /**
   * Takes tokens for work that was done already, even if they are not there: the bucket then owes
   * them, and the next taker waits until they are refilled. It owes at most a burst, so that the
   * wait is bounded.
   */
  charge(tokens: number): void {
    if (this.#options.rate.perSecond === 0) return;
    if (this.#isForgotten) {
      this.#options.bucketOf(this.#key).charge(tokens);
      return;
    }
    const { burst } = this.#options.rate;
    if (this.#tokens - tokens < burst / 2) this.#refill();
    this.#tokens = Math.max(-burst, this.#tokens - tokens);
  }

  /**
   * Takes one token for the waiter as soon as there is one, first come, first served. A waiter can
   * wait only once at a time.
   */
  wait(waiter: Waiter): Promise<void> {
    if (this.#isForgotten) return this.#options.bucketOf(this.#key).wait(waiter);
    const waiting = this.#waiting ?? new Map<Waiter, () => void>();
    this.#waiting = waiting;
    return new Promise((resolve) => {
      waiting.set(waiter, resolve);
      if (!this.#isServing) this.#serveLater();
    });
  }

  /** Removes a waiter, if it waits. */
  release(waiter: Waiter): void {
    const resolve = this.#waiting?.get(waiter);
    this.#waiting?.delete(waiter);
    if (resolve !== undefined) resolve();
    else if (this.#isForgotten) this.#options.bucketOf(this.#key).release(waiter);
  }

  /** Milliseconds until there is a token; 0: there is one now. */
  waitMs(): number {
    if (this.#isForgotten) return this.#options.bucketOf(this.#key).waitMs();
    this.#refill();
    const { perSecond } = this.#options.rate;
    return perSecond === 0 ? 0 : Math.max(0, ((1 - this.#tokens) / perSecond) * 1_000);
  }

  /** Marks the bucket as evicted: its key may have another bucket from now on. */
  forget(): void {
    this.#isForgotten = true;
  }

  get #hasWaiters(): boolean {
    return this.#waiting !== null && this.#waiting.size > 0;
  }

  #refill(): void {
    const now = this.#options.clock.monotonic();
    const { burst, perSecond } = this.#options.rate;
    const filled = this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond;
    this.#tokens = Math.min(burst, filled);
    this.#filledAt = now;
  }

  #serveLater(): void {
    this.#isServing = true;
    const ms = Math.max(SERVE_MS, Math.ceil(this.waitMs()));
    this.#options.clock.after(ms, () => this.#serve());
  }

  #serve(): void {
    this.#isServing = false;
    this.#refill();
    for (const [waiter, resolve] of this.#waiting ?? []) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      this.#waiting?.delete(waiter);
      resolve();
    }
    if (this.#hasWaiters) this.#serveLater();
  }
}
