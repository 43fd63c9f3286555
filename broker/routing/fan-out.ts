// From what was committed to the sockets. What all subscribers share of a MESSAGE is encoded once,
// what one batch brings for a destination is joined for each group, and each member costs a single
// write. Before each write the unsent bytes are looked at, so that a session gets at most one
// packet more than its limit, however many subscriptions it has. A batch for very many is delivered in
// several turns of the event loop.

import { octetsOf } from '../../shared/octets.ts';
import type { Clock } from '../clock.ts';
import type { Publication } from '../engine/engine.ts';
import { encodePackets } from './message-frame.ts';
import type { Outlet, Packet } from './outlet.ts';
import { SharedTails } from './shared-tails.ts';
import type { Feed, Group, Place, Subscription, SubscriptionIndex } from './subscription-index.ts';

export interface FanOutLimits {
  /** Bytes that a connection may have unsent before its session is shed. */
  readonly unsentBytesMax: number;
}

/**
 * Members that are looked at before the first of them is written to. What there is to know of one is
 * far apart in memory, and a processor fetches it for many at once, but not across a system call.
 */
const LOOK_AHEAD = 32;

/**
 * After so long the rest of a batch waits for the next turn of the event loop, because all other
 * sessions wait meanwhile. Small messages for 1,000 members are mostly delivered in one turn.
 */
const TURN_MS = 20;

/**
 * Work between two looks at the clock. A unit is one MESSAGE encoded, one write, or 32 KiB written,
 * which take a few microseconds each: small batches never look, and large messages look often.
 */
const LOOK_UNITS = 32;
const UNIT_BYTES = 32 * 1_024;

type Sheddable = Pick<Outlet, 'shed'>;

/** What a batch brings for one destination, and for whom. */
interface Load {
  /** Ephemeral messages are the first to be dropped, long before a session is shed. */
  readonly isDroppable: boolean;
  /** A subscription with a higher serial number came after the batch, and gets nothing of it. */
  readonly newest: number;
  readonly publications: readonly Publication[];
  /** Sessions that read too slowly. */
  readonly slow: Set<Sheddable>;
  /** Of one write of all publications. */
  readonly units: number;
}

export class FanOut {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #index: SubscriptionIndex;
  readonly #limits: FanOutLimits;
  readonly #tails: SharedTails;
  /** Work since the last look at the clock. */
  #units = 0;
  /** When the turn must end; `null`: the clock was not looked at yet. */
  #until: number | null = null;

  /** @param tails for feeds as well, so that they share with the groups what is in a batch */
  constructor(
    index: SubscriptionIndex,
    limits: FanOutLimits,
    clock: Pick<Clock, 'monotonic'>,
    tails = new SharedTails(),
  ) {
    this.#clock = clock;
    this.#index = index;
    this.#limits = limits;
    this.#tails = tails;
  }

  /**
   * Writes a batch to everyone who is subscribed now; within a destination in its order. If that takes
   * long, it returns a promise and goes on in later turns of the event loop; the next batch must wait
   * for the promise. A subscription that ends meanwhile gets nothing more.
   */
  deliver(batch: readonly Publication[]): void | Promise<void> {
    const turns = this.#turnsOf(batch);
    if (!this.#isDoneAfterTurn(turns, null)) return this.#goOn(turns);
  }

  async #goOn(turns: Iterator<void>): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.#isDoneAfterTurn(turns, this.#clock.monotonic() + TURN_MS));
  }

  #isDoneAfterTurn(turns: Iterator<void>, until: number | null): boolean {
    this.#units = 0;
    this.#until = until;
    return turns.next().done === true;
  }

  /** Yields where a turn ends; the index may have changed when the next one begins. */
  *#turnsOf(batch: readonly Publication[]): Generator<void, void> {
    const { newest } = this.#index;
    const slow = new Set<Sheddable>();
    for (const [destination, publications] of byDestination(batch)) {
      const load = loadOf(publications, newest, slow);
      const places = this.#index.placesOf(destination);
      if (isShared(places)) this.#tails.keep(publications);
      // If there are very many, the turn must be timed before the first of them is encoded.
      this.#units += publications.length;
      for (const { feeds, groups } of places) {
        for (const group of groups.values()) yield* this.#writeTo(group, load);
        if (feeds.size > 0) yield* this.#feed(feeds, load);
      }
      this.#tails.forget();
    }
    shedAll(slow);
  }

  *#writeTo(group: Group, load: Load): Generator<void, void> {
    const { publications, slow, units } = load;
    const step = Math.max(1, Math.min(LOOK_AHEAD, Math.trunc(LOOK_UNITS / units)));
    // Not before somebody takes it.
    let packets: readonly Packet[] | null = null;
    let { members } = group;
    for (let from = 0; from < members.length; from += step) {
      if (this.#isTurnOver()) {
        // A member that leaves changes the places of others in the group.
        if (members === group.members) members = [...members];
        shedAll(slow);
        yield;
      }
      const outlets = this.#takersOf(members.slice(from, from + step), load);
      if (outlets.length > 0 && packets === null) {
        packets = encodePackets(publications, group, this.#tails);
        this.#units += publications.length;
      }
      this.#units += 1 + outlets.length * units;
      for (const outlet of outlets) {
        if (!writeAll(packets ?? [], outlet, this.#limits.unsentBytesMax)) slow.add(outlet);
      }
    }
  }

  *#feed(feeds: ReadonlySet<Feed>, { newest, publications, slow, units }: Load) {
    for (const feed of feeds) {
      if (this.#isTurnOver()) {
        shedAll(slow);
        yield;
        if (!feeds.has(feed)) continue;
      }
      if (feed.serial > newest) continue;
      this.#units += publications.length + units;
      if (!feed.take(publications)) slow.add(feed.outlet);
    }
  }

  /** Those of the members that have room. */
  #takersOf(members: readonly Subscription[], { isDroppable, newest, slow }: Load): Outlet[] {
    const { unsentBytesMax } = this.#limits;
    const outlets: Outlet[] = [];
    for (const { index, outlet, serial } of members) {
      // One that ended, or came, since the batch was begun.
      if (index === -1 || serial > newest) continue;
      const unsent = outlet.bufferedBytes;
      if (unsent > unsentBytesMax && !isDroppable) slow.add(outlet);
      else if (!isDroppable || unsent <= unsentBytesMax / 2) outlets.push(outlet);
    }
    return outlets;
  }

  #isTurnOver(): boolean {
    if (this.#units < LOOK_UNITS) return false;
    this.#units = 0;
    const now = this.#clock.monotonic();
    this.#until ??= now + TURN_MS;
    return now >= this.#until;
  }
}

function loadOf(publications: readonly Publication[], newest: number, slow: Set<Sheddable>): Load {
  let bytes = 0;
  let isDroppable = true;
  for (const { isEphemeral, message } of publications) {
    bytes += octetsOf(message);
    isDroppable &&= isEphemeral;
  }
  return { isDroppable, newest, publications, slow, units: 1 + Math.trunc(bytes / UNIT_BYTES) };
}

/** Closing edits the index, so it comes where nobody iterates over the members of a group. */
function shedAll(slow: Set<Sheddable>): void {
  if (slow.size === 0) return;
  const outlets = [...slow];
  slow.clear();
  for (const outlet of outlets) outlet.shed();
}

/** Whether more than one is given a packet of its own. */
function isShared(places: readonly Place[]): boolean {
  let packets = 0;
  for (const { feeds, groups } of places) packets += feeds.size + groups.size;
  return packets > 1;
}

/** Writes them in order. False: more is unsent than may be, and the rest was left out. */
function writeAll(packets: readonly Packet[], outlet: Outlet, unsentBytesMax: number): boolean {
  for (const packet of packets) {
    outlet.write(packet);
    if (outlet.bufferedBytes > unsentBytesMax) return false;
  }
  return true;
}

function byDestination(batch: readonly Publication[]): Map<string, Publication[]> {
  const groups = new Map<string, Publication[]>();
  for (const publication of batch) {
    const group = groups.get(publication.destination);
    if (group === undefined) groups.set(publication.destination, [publication]);
    else group.push(publication);
  }
  return groups;
}
