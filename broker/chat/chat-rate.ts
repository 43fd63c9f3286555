import type { Caller } from '../application/request.ts';
import { addressKey } from '../limits/address.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { TokenBucket } from '../limits/token-bucket.ts';

export type ChatRates = Pick<RateLimits, 'chatAddresses' | 'chatters'>;

/** A message takes one token for each KiB of its body, and at least one. */
const BYTES_PER_TOKEN = 1_024;

interface Buckets {
  readonly address: TokenBucket;
  readonly own: TokenBucket;
}

/**
 * Limits the rate of chat messages: per user over all of the user's sessions, or per session where
 * there is no user. A limit per address applies too, so that a guest gains nothing by reconnecting.
 */
export class ChatRate {
  readonly #buckets = new WeakMap<Caller, Buckets>();
  readonly #rates: ChatRates;

  constructor(rates: ChatRates) {
    this.#rates = rates;
  }

  /**
   * Takes the tokens for one message; false if there are not enough. A large message counts as
   * several, because parsing costs up to 0.1 ms per KiB.
   */
  take(caller: Caller, bytes: number): boolean {
    let buckets = this.#buckets.get(caller);
    if (buckets === undefined) {
      buckets = this.#bucketsOf(caller);
      this.#buckets.set(caller, buckets);
    }
    const tokens = Math.max(1, Math.ceil(bytes / BYTES_PER_TOKEN));
    return buckets.own.take(tokens) && buckets.address.take(tokens);
  }

  #bucketsOf({ address, sessionId, user }: Caller): Buckets {
    const own = user === null ? `session ${sessionId}` : `user ${user}`;
    return {
      address: this.#rates.chatAddresses.of(addressKey(address)),
      own: this.#rates.chatters.of(own),
    };
  }
}
