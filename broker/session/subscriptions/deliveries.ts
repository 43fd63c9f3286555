/** How a subscription acknowledges (STOMP 1.2, "SUBSCRIBE ack Header"). */
export type AckMode = 'auto' | 'client' | 'client-individual';

/** Where a delivery stands; `settled`: by a later one, as `client` is cumulative. */
export type DeliveryState = 'open' | 'settled' | 'unknown';

interface Delivery<T> {
  readonly messageId: string;
  readonly item: T;
}

/**
 * The deliveries of one subscription that its client has not acknowledged, oldest first, and how
 * many more it may get. `T` is what must be kept of each.
 */
export class Deliveries<T> {
  readonly #isCumulative: boolean;
  readonly #max: number;
  readonly #open = new Map<number, Delivery<T>>();
  /** How 1.1 and 1.0 name a delivery. */
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** @param max deliveries that may be open at once */
  constructor(mode: Exclude<AckMode, 'auto'>, max: number) {
    this.#isCumulative = mode === 'client';
    this.#max = max;
  }

  /** How many more may be opened. */
  get room(): number {
    return this.#max - this.#open.size;
  }

  /** Returns the number of the delivery: 1, 2, 3, … */
  open(messageId: string, item: T): number {
    this.#last += 1;
    this.#open.set(this.#last, { messageId, item });
    this.#numbers.set(messageId, this.#last);
    return this.#last;
  }

  stateOf(number: number): DeliveryState {
    if (this.#open.has(number)) return 'open';
    const wasGiven = number >= 1 && number <= this.#last;
    return wasGiven && this.#isCumulative ? 'settled' : 'unknown';
  }

  /** The open delivery of a message, as STOMP 1.1 and 1.0 name it. */
  numberOf(messageId: string): number | null {
    return this.#numbers.get(messageId) ?? null;
  }

  /**
   * Takes off what an ACK or NACK of this delivery settles: in `client` mode everything up to it
   * (STOMP 1.2, "ACK", "NACK"). Nothing if it has been taken off since.
   */
  settle(number: number): T[] {
    if (!this.#open.has(number)) return [];
    if (!this.#isCumulative) return [this.#take(number)];
    const items: T[] = [];
    for (const open of this.#open.keys()) {
      if (open > number) break;
      items.push(this.#take(open));
    }
    return items;
  }

  /** Takes all of them off. */
  clear(): T[] {
    const items = [...this.#open.values()].map(({ item }) => item);
    this.#open.clear();
    this.#numbers.clear();
    return items;
  }

  #take(number: number): T {
    const delivery = this.#open.get(number);
    if (delivery === undefined) throw new Error(`delivery ${number} is not open`);
    this.#open.delete(number);
    this.#numbers.delete(delivery.messageId);
    return delivery.item;
  }
}
