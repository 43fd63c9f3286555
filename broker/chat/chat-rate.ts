import type { Caller } from '../application/request.ts';
import { addressKey } from '../limits/address.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { TokenBucket } from '../limits/token-bucket.ts';

export type ChatRates = Pick<RateLimits, 'chatAddresses' | 'chatters'>;

/** Bytes that count as one message. */
const BYTES_OF_ONE = 1_024;

interface Buckets {
  readonly address: TokenBucket;
  readonly own: TokenBucket;
}

/**
 * How often someone may speak: a user, whatever its sessions, or a session without a user; and all
 * of one address together, so that a guest gains nothing by a reconnect.
 */
export class ChatRate {
  readonly #buckets = new WeakMap<Caller, Buckets>();
  readonly #rates: ChatRates;

  constructor(rates: ChatRates) {
    this.#rates = rates;
  }

  /**
   * Takes the tokens of one message if they are there; a large one counts as several, because
   * what it costs grows with its bytes: parsing a KiB takes up to 0.1 ms.
   */
  take(caller: Caller, bytes: number): boolean {
    let buckets = this.#buckets.get(caller);
    if (buckets === undefined) {
      buckets = this.#bucketsOf(caller);
      this.#buckets.set(caller, buckets);
    }
    const tokens = Math.max(1, Math.ceil(bytes / BYTES_OF_ONE));
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
