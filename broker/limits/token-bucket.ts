import type { Clock } from '../clock.ts';

/** How often something may happen: `burst` times at once, refilled by `perSecond`. */
export interface Rate {
  readonly burst: number;
  /** 0 is no limit. */
  readonly perSecond: number;
}

/** Whoever waits for a token; it is only told apart from others. */
export type Waiter = object;

export interface BucketOptions {
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly rate: Rate;
  /** The bucket that counts for the key now. */
  readonly bucketOf: (key: string) => TokenBucket;
}

/** Waiters are served no more often than this, so that a timer serves many of them. */
const SERVE_MS = 10;

/**
 * The tokens of one key. Whoever uses it often may keep it: a bucket that was forgotten passes
 * everything on to the one that counts for its key now.
 *
 * It is refilled only when it is half empty, so that a client far below the rate costs no look at
 * the clock. After a pause it may therefore let half of its burst more through.
 */
export class TokenBucket {
  readonly #key: string;
  readonly #options: BucketOptions;
  #filledAt: number;
  #isForgotten = false;
  #isServing = false;
  #tokens: number;
  /** `null`: nobody has had to wait yet, as with most keys. */
  #waiting: Map<Waiter, () => void> | null = null;

  constructor(key: string, options: BucketOptions) {
    this.#key = key;
    this.#options = options;
    this.#tokens = options.rate.burst;
    this.#filledAt = options.clock.monotonic();
  }

  /** True when it holds all that it can, and nobody waits: it is as good as a new one. */
  get isFull(): boolean {
    this.#refill();
    return this.#tokens >= this.#options.rate.burst && !this.#hasWaiters;
  }

  /**
   * Whether so many tokens are there now; if so, they are taken. Nobody passes those who wait. More
   * than it holds when it is full can never be there, so that counts as all of it.
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
   * Takes tokens for what has been let through already, also those that are not there: whoever wants
   * the next one waits until they are. At most a burst is owed, so that the wait has an end.
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
   * Takes one token for the waiter as soon as there is one, in the order in which they came. Each
   * waiter waits once at a time.
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

  /** Lets a waiter go without a token; it may be that it does not wait. */
  release(waiter: Waiter): void {
    const resolve = this.#waiting?.get(waiter);
    this.#waiting?.delete(waiter);
    if (resolve !== undefined) resolve();
    else if (this.#isForgotten) this.#options.bucketOf(this.#key).release(waiter);
  }

  /** Milliseconds until one token is there; 0: it is there now. */
  waitMs(): number {
    if (this.#isForgotten) return this.#options.bucketOf(this.#key).waitMs();
    this.#refill();
    const { perSecond } = this.#options.rate;
    return perSecond === 0 ? 0 : Math.max(0, ((1 - this.#tokens) / perSecond) * 1_000);
  }

  /** Another bucket may count for its key from now on. */
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
