/** The acknowledgement mode of a subscription (STOMP 1.2, "SUBSCRIBE ack Header"). */
export type AckMode = 'auto' | 'client' | 'client-individual';

/** The state of a delivery; `settled`: by a later one, because `client` is cumulative. */
export type DeliveryState = 'open' | 'settled' | 'unknown';

interface Delivery<T> {
  readonly messageId: string;
  readonly item: T;
}

/**
 * The open deliveries of one subscription, oldest first, and its window. Of each delivery an item
 * of type `T` is kept.
 */
export class Deliveries<T> {
  readonly #isCumulative: boolean;
  readonly #max: number;
  readonly #open = new Map<number, Delivery<T>>();
  /** By message id, which STOMP 1.1 and 1.0 acknowledge by. */
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** @param max deliveries that may be open at once */
  constructor(mode: Exclude<AckMode, 'auto'>, max: number) {
    this.#isCumulative = mode === 'client';
    this.#max = max;
  }

  /** The number of deliveries that may still be opened: the window. */
  get room(): number {
    return this.#max - this.#open.size;
  }

  /** Opens a delivery, and returns its number: 1, 2, 3, … */
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
   * Settles a delivery, in `client` mode all deliveries up to it as well (STOMP 1.2, "ACK",
   * "NACK"), and returns their items; none if the delivery is no longer open.
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

  /** Closes all open deliveries, and returns their items. */
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
