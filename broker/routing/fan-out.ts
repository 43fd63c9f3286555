// From committed publications to sockets. The publications of a batch are sorted by destination;
// each group of subscribers with the same format gets them in one write (`group-writer.ts`), and
// each feed takes them itself. A batch for very many is delivered in several turns of the event
// loop.

import type { Clock } from '../clock.ts';
import type { Publication } from '../engine/engine.ts';
import {
  byDestination,
  type Load,
  loadOf,
  type Recipients,
  type Sheddable,
  writesIn,
} from './delivery-load.ts';
import { type FanOutLimits, GroupWriter } from './group-writer.ts';
import type { EncodingCache } from './message-format.ts';
import {
  encodingsIn,
  type Feed,
  type SubscriptionIndex,
  type TopicSubscribers,
} from './subscription-index.ts';
import { TurnBudget } from './turn-budget.ts';

/** A destination that takes no more than this is served at once: most are, and it costs less. */
const LIGHT_UNITS_MAX = 64;

/** A batch that is being delivered. */
interface Delivery extends Recipients {
  readonly destinations: Iterator<[destination: string, publications: Publication[]]>;
  /** The rest of a destination that takes long. */
  heavy: Iterator<void> | null;
}

export class FanOut {
  readonly #cache: EncodingCache | null;
  readonly #index: SubscriptionIndex;
  readonly #turn: TurnBudget;
  readonly #writer: GroupWriter;

  /** @param cache what the formats of the subscriptions share; `null`: they share nothing */
  constructor(
    index: SubscriptionIndex,
    limits: FanOutLimits,
    clock: Pick<Clock, 'monotonic'>,
    cache: EncodingCache | null = null,
  ) {
    this.#cache = cache;
    this.#index = index;
    this.#turn = new TurnBudget(clock);
    this.#writer = new GroupWriter(limits, this.#turn);
  }

  /**
   * Writes a batch to everyone who is subscribed now; within a destination in its order. If that
   * takes long, it returns a promise and goes on in later turns of the event loop; the next batch
   * must wait for the promise. A subscription that ends meanwhile gets nothing more.
   */
  deliver(batch: readonly Publication[]): void | Promise<void> {
    const delivery: Delivery = {
      destinations: byDestination(batch).entries(),
      heavy: null,
      newest: this.#index.newest,
      slow: new Set(),
    };
    this.#turn.begin();
    if (!this.#isDoneAfterTurn(delivery)) return this.#goOn(delivery);
  }

  async #goOn(delivery: Delivery): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      this.#turn.beginAnother();
    } while (!this.#isDoneAfterTurn(delivery));
  }

  /** The index may have changed since the turn before. */
  #isDoneAfterTurn(delivery: Delivery): boolean {
    const isDone = this.#isHeavyDone(delivery) && this.#deliverNext(delivery);
    // Closing edits the index, so it comes where nobody iterates over the members of a group.
    shedAll(delivery.slow);
    return isDone;
  }

  /** False: the turn is over. */
  #deliverNext(delivery: Delivery): boolean {
    const { destinations } = delivery;
    for (let next = destinations.next(); next.done !== true; next = destinations.next()) {
      const [destination, publications] = next.value;
      const load = loadOf(publications, delivery);
      const subscribers = this.#index.subscribersOf(destination);
      const encodings = encodingsIn(subscribers);
      if (encodings > 1) this.#cache?.keep(publications);
      const units = encodings * publications.length + writesIn(subscribers) * load.units;
      if (units > LIGHT_UNITS_MAX) {
        delivery.heavy = this.#deliverInTurns(subscribers, load);
        if (!this.#isHeavyDone(delivery)) return false;
        continue;
      }
      this.#deliverAtOnce(subscribers, load);
      this.#turn.spend(units);
      if (this.#turn.isUsedUp) return false;
    }
    return true;
  }

  /** False: the turn is over. */
  #isHeavyDone(delivery: Delivery): boolean {
    if (delivery.heavy === null) return true;
    if (delivery.heavy.next().done !== true) return false;
    delivery.heavy = null;
    return true;
  }

  #deliverAtOnce(subscribers: readonly TopicSubscribers[], load: Load): void {
    for (const { feeds, groups } of subscribers) {
      for (const group of groups.values()) this.#writer.writeAtOnce(group, load);
      for (const feed of feeds) feedOne(feed, load);
    }
    this.#cache?.forget();
  }

  /** Yields where a turn ends; the index may have changed when the next one begins. */
  *#deliverInTurns(subscribers: readonly TopicSubscribers[], load: Load): Generator<void, void> {
    // If there are very many, the turn must be timed before the first of them is encoded.
    this.#turn.spend(load.publications.length);
    for (const { feeds, groups } of subscribers) {
      for (const group of groups.values()) yield* this.#writer.writeInTurns(group, load);
      if (feeds.size > 0) yield* this.#feedInTurns(feeds, load);
    }
    this.#cache?.forget();
  }

  *#feedInTurns(feeds: ReadonlySet<Feed>, load: Load): Generator<void, void> {
    for (const feed of feeds) {
      if (this.#turn.isUsedUp) {
        yield;
        if (!feeds.has(feed)) continue;
      }
      this.#turn.spend(load.publications.length + load.units);
      feedOne(feed, load);
    }
  }
}

function feedOne(feed: Feed, { newest, publications, slow }: Load): void {
  if (feed.serial <= newest && !feed.take(publications)) slow.add(feed.outlet);
}

function shedAll(slow: Set<Sheddable>): void {
  if (slow.size === 0) return;
  const outlets = [...slow];
  slow.clear();
  for (const outlet of outlets) outlet.shed();
}
