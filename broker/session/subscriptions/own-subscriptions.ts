import { isPattern } from '../../routing/pattern.ts';
import { type InputTurns, Pieces } from '../flow/input-turns.ts';
import type { Acknowledging, OwnSubscription } from './own-subscription.ts';
import type { PatternShares } from './pattern-shares.ts';

/** The work of ending a subscription that returns open deliveries, in small frames. */
const ACKNOWLEDGING_WEIGHT = 8;

/** The open subscriptions of one session, by every name that its client can use for them. */
export class OwnSubscriptions {
  readonly #byKey = new Map<string, OwnSubscription>();
  /** By the name in `ack` headers; `null`: no subscription of the session acknowledges. */
  #acknowledging: Map<number, Acknowledging> | null = null;
  /** Subscriptions to the errors queue, in the order in which they were opened. */
  readonly #errorListeners = new Set<OwnSubscription>();
  /** The number of open subscriptions by destination. */
  readonly #perDestination = new Map<string, number>();
  readonly #address: string;
  readonly #shares: PatternShares;
  #named = 0;
  #patterns = 0;

  constructor(address: string, shares: PatternShares) {
    this.#address = address;
    this.#shares = shares;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The subscription that receives refusals: of several, the first that was opened. */
  get errorListener(): OwnSubscription | null {
    for (const first of this.#errorListeners) return first;
    return null;
  }

  hearsErrors(subscription: OwnSubscription): boolean {
    return this.#errorListeners.has(subscription);
  }

  /** The number of open subscriptions to this destination. */
  countAt(destination: string): number {
    return this.#perDestination.get(destination) ?? 0;
  }

  /**
   * Counts a pattern that is about to be subscribed to.
   *
   * @throws ProtocolError if there are too many
   */
  openPattern(pattern: string): void {
    this.#shares.open(this.#address, this.#patterns, pattern);
    this.#patterns += 1;
  }

  /** Returns a name for the `ack` headers of one subscription; names are never reused. */
  nextName(): number {
    this.#named += 1;
    return this.#named;
  }

  /** @param key the subscription's key, as of `subscriptionKey` */
  add(key: string, subscription: OwnSubscription, hearsErrors = false): void {
    this.#byKey.set(key, subscription);
    this.#count(subscription.destination, 1);
    const { acknowledging } = subscription;
    if (acknowledging !== undefined) {
      this.#acknowledging ??= new Map();
      this.#acknowledging.set(acknowledging.name, acknowledging);
    }
    if (hearsErrors) this.#errorListeners.add(subscription);
  }

  get(key: string): OwnSubscription | undefined {
    return this.#byKey.get(key);
  }

  /** The subscription with this name in its `ack` headers; `ended`: it was open once. */
  named(name: number): Acknowledging | 'ended' | undefined {
    const subscription = this.#acknowledging?.get(name);
    if (subscription !== undefined) return subscription;
    return name >= 1 && name <= this.#named ? 'ended' : undefined;
  }

  /** All subscriptions whose deliveries the client acknowledges. */
  acknowledging(): Iterable<Acknowledging> {
    return this.#acknowledging?.values() ?? [];
  }

  /** Ends a subscription. */
  remove(key: string): void {
    const subscription = this.#byKey.get(key);
    if (subscription === undefined) return;
    this.#byKey.delete(key);
    this.#count(subscription.destination, -1);
    this.#errorListeners.delete(subscription);
    if (isPattern(subscription.destination)) this.#closePattern(subscription.destination);
    if (subscription.acknowledging) this.#acknowledging?.delete(subscription.acknowledging.name);
    subscription.end();
  }

  /** Ends all subscriptions in pieces: many sessions with thousands of them may end at once. */
  async end(turns: InputTurns, client: string): Promise<void> {
    const pieces = new Pieces(turns, client);
    for (const [key, { acknowledging }] of this.#byKey) {
      if (pieces.isOver(acknowledging === undefined ? 1 : ACKNOWLEDGING_WEIGHT)) {
        await pieces.next();
      }
      this.remove(key);
    }
  }

  #closePattern(pattern: string): void {
    this.#patterns -= 1;
    this.#shares.close(this.#address, pattern);
  }

  #count(destination: string, more: number): void {
    const count = this.countAt(destination) + more;
    if (count === 0) this.#perDestination.delete(destination);
    else this.#perDestination.set(destination, count);
  }
}
