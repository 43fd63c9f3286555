import { addressKey } from '../limits/address.ts';
import type { RateLimits } from '../limits/rate-limits.ts';

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
}

/** Counts open connections, over all and from one address, of every transport alike. */
export class Connections {
  readonly #isServed: () => boolean;
  readonly #limits: ConnectionLimits;
  readonly #perAddress = new Map<string, number>();
  readonly #rates: Pick<RateLimits, 'takeConnect'>;
  #isClosed = false;
  #total = 0;

  /** @param isServed whether those who come would be served now */
  constructor(
    limits: ConnectionLimits,
    rates: Pick<RateLimits, 'takeConnect'>,
    isServed: () => boolean = () => true,
  ) {
    this.#isServed = isServed;
    this.#limits = limits;
    this.#rates = rates;
  }

  get total(): number {
    return this.#total;
  }

  /** From now on there is room for nobody, until it is said otherwise. */
  close(): void {
    this.#isClosed = true;
  }

  /** There is room again. */
  reopen(): void {
    this.#isClosed = false;
  }

  /** Whether one more may come from this address now; it counts against the rate of connects. */
  admits(address: string): boolean {
    return this.hasRoomFor(address) && this.#rates.takeConnect(address);
  }

  hasRoomFor(address: string): boolean {
    if (this.#isClosed || !this.#isServed()) return false;
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    const fromThere = this.#perAddress.get(addressKey(address)) ?? 0;
    return this.#total < connectionsMax && fromThere < connectionsPerAddressMax;
  }

  /** Counts one; what is returned takes it off again, once. */
  open(address: string): () => void {
    const key = addressKey(address);
    this.#total += 1;
    this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#total -= 1;
      const left = (this.#perAddress.get(key) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(key);
      else this.#perAddress.set(key, left);
    };
  }
}
