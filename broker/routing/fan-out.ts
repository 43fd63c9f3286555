// From what was committed to the sockets. What all subscribers share of a MESSAGE is encoded once,
// what one batch brings for a destination is joined for each group, and each member costs a single
// write. Before each write the unsent bytes are looked at, so that a session gets at most one
// packet more than its limit, however many subscriptions it has. A batch for very many is delivered in
// several turns of the event loop.

import { octetsOf } from '../../shared/octets.ts';
import type { Clock } from '../clock.ts';
import type { Publication } from '../engine/engine.ts';
import { packetBytes } from '../packet.ts';
import { encodePackets } from './message-frame.ts';
import type { Outlet, Packet } from './outlet.ts';
import { SharedTails } from './shared-tails.ts';
import {
  encodingsIn,
  type Feed,
  type Group,
  type Subscription,
  type SubscriptionIndex,
  type TopicSubscribers,
} from './subscription-index.ts';

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
 * sessions wait meanwhile. A server at its limit delivers hundreds of messages at once, and pauses
 * cost: what waits is kept alive, and collected later. With 20 ms, 500 busy rooms took 11 % more CPU.
 */
const TURN_MS = 40;

/**
 * Work between two looks at the clock. A unit is one MESSAGE encoded, one write, or 32 KiB written,
 * which take a few microseconds each: small batches never look, and large messages look often.
 */
const LOOK_UNITS = 32;
const UNIT_BYTES = 32 * 1_024;

/** A destination that takes no more than this is served at once: most are, and it costs less. */
const LIGHT_UNITS_MAX = 64;

type Sheddable = Pick<Outlet, 'shed'>;

/** A batch that is being delivered. */
interface Delivery {
  readonly destinations: Iterator<[destination: string, publications: Publication[]]>;
  /** The rest of a destination that takes long. */
  heavy: Iterator<void> | null;
  /** A subscription with a higher serial number came after the batch, and gets nothing of it. */
  readonly newest: number;
  /** Sessions that read too slowly. */
  readonly slow: Set<Sheddable>;
}

/** What a batch brings for one destination, and for whom. */
interface Load extends Pick<Delivery, 'newest' | 'slow'> {
  /** Ephemeral messages are the first to be dropped, long before a session is shed. */
  readonly isDroppable: boolean;
  readonly publications: readonly Publication[];
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
    const delivery: Delivery = {
      destinations: byDestination(batch).entries(),
      heavy: null,
      newest: this.#index.newest,
      slow: new Set(),
    };
    if (!this.#isDoneAfterTurn(delivery, null)) return this.#goOn(delivery);
  }

  async #goOn(delivery: Delivery): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.#isDoneAfterTurn(delivery, this.#clock.monotonic() + TURN_MS));
  }

  /** The index may have changed since the turn before. */
  #isDoneAfterTurn(delivery: Delivery, until: number | null): boolean {
    this.#units = 0;
    this.#until = until;
    const { destinations, slow } = delivery;
    const isDone = this.#isHeavyDone(delivery) && this.#deliverNext(delivery, destinations);
    // Closing edits the index, so it comes where nobody iterates over the members of a group.
    shedAll(slow);
    return isDone;
  }

  /** False: the turn is over. */
  #deliverNext(delivery: Delivery, destinations: Delivery['destinations']): boolean {
    for (let next = destinations.next(); next.done !== true; next = destinations.next()) {
      const [destination, publications] = next.value;
      const load = loadOf(publications, delivery);
      const subscribers = this.#index.subscribersOf(destination);
      const encodings = encodingsIn(subscribers);
      if (encodings > 1) this.#tails.keep(publications);
      const units = encodings * publications.length + writesIn(subscribers) * load.units;
      if (units > LIGHT_UNITS_MAX) {
        delivery.heavy = this.#turnsOf(subscribers, load);
        if (!this.#isHeavyDone(delivery)) return false;
        continue;
      }
      for (const { feeds, groups } of subscribers) {
        for (const group of groups.values()) this.#writeAtOnce(group, load);
        for (const feed of feeds) this.#feedOne(feed, load);
      }
      this.#tails.forget();
      this.#units += units;
      if (this.#isTurnOver()) return false;
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

  #writeAtOnce(group: Group, load: Load): void {
    const { newest, publications, slow } = load;
    const { members } = group;
    const { unsentBytesMax } = this.#limits;
    // Encoded when the first member takes it.
    let packets: readonly Packet[] | null = null;
    /** The only packet, if a member that has nothing unsent cannot exceed its limit by it. */
    let single: Packet | null = null;
    for (let from = 0; from < members.length; from += LOOK_AHEAD) {
      const end = Math.min(from + LOOK_AHEAD, members.length);
      const isAnyBehind = unsentBytesOf(members, from, end) > 0;
      for (let at = from; at < end; at += 1) {
        const member = members[at];
        if (member === undefined || member.serial > newest) continue;
        const { outlet } = member;
        if (isAnyBehind && !this.#hasRoom(outlet, load)) continue;
        if (packets === null) {
          packets = encodePackets(publications, group, this.#tails);
          single = singleWithin(unsentBytesMax, packets);
        }
        // One system call is all that most deliveries cost, so nothing else is done for them.
        if (single !== null && !isAnyBehind) outlet.write(single);
        else if (!writeAll(packets, outlet, unsentBytesMax)) slow.add(outlet);
      }
    }
  }

  #feedOne(feed: Feed, { newest, publications, slow }: Load): void {
    if (feed.serial <= newest && !feed.take(publications)) slow.add(feed.outlet);
  }

  /** Whether it may be given more now; one that reads too slowly is remembered. */
  #hasRoom(outlet: Outlet, { isDroppable, slow }: Load): boolean {
    const { unsentBytesMax } = this.#limits;
    const unsent = outlet.bufferedBytes;
    if (isDroppable) return unsent <= unsentBytesMax / 2;
    if (unsent > unsentBytesMax) slow.add(outlet);
    return unsent <= unsentBytesMax;
  }

  /** Yields where a turn ends; the index may have changed when the next one begins. */
  *#turnsOf(subscribers: readonly TopicSubscribers[], load: Load): Generator<void, void> {
    // If there are very many, the turn must be timed before the first of them is encoded.
    this.#units += load.publications.length;
    for (const { feeds, groups } of subscribers) {
      for (const group of groups.values()) yield* this.#writeTo(group, load);
      if (feeds.size > 0) yield* this.#feed(feeds, load);
    }
    this.#tails.forget();
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

  *#feed(feeds: ReadonlySet<Feed>, load: Load): Generator<void, void> {
    for (const feed of feeds) {
      if (this.#isTurnOver()) {
        yield;
        if (!feeds.has(feed)) continue;
      }
      this.#units += load.publications.length + load.units;
      this.#feedOne(feed, load);
    }
  }

  /** Those of the members that have room. */
  #takersOf(members: readonly Subscription[], load: Load): Outlet[] {
    const outlets: Outlet[] = [];
    for (const { index, outlet, serial } of members) {
      // One that ended, or came, since the batch was begun.
      if (index === -1 || serial > load.newest) continue;
      if (this.#hasRoom(outlet, load)) outlets.push(outlet);
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

function loadOf(publications: readonly Publication[], { newest, slow }: Delivery): Load {
  let bytes = 0;
  let isDroppable = true;
  for (const { isEphemeral, message } of publications) {
    bytes += octetsOf(message);
    isDroppable &&= isEphemeral;
  }
  return { isDroppable, newest, publications, slow, units: 1 + Math.trunc(bytes / UNIT_BYTES) };
}

/** How many subscriptions are written to. */
function writesIn(subscribers: readonly TopicSubscribers[]): number {
  let writes = 0;
  for (const { feeds, groups } of subscribers) {
    writes += feeds.size;
    for (const { members } of groups.values()) writes += members.length;
  }
  return writes;
}

function shedAll(slow: Set<Sheddable>): void {
  if (slow.size === 0) return;
  const outlets = [...slow];
  slow.clear();
  for (const outlet of outlets) outlet.shed();
}

/** Writes them in order. False: more is unsent than may be, and the rest was left out. */
function writeAll(packets: readonly Packet[], outlet: Outlet, unsentBytesMax: number): boolean {
  for (const packet of packets) {
    outlet.write(packet);
    if (outlet.bufferedBytes > unsentBytesMax) return false;
  }
  return true;
}

function singleWithin(bytesMax: number, packets: readonly Packet[]): Packet | null {
  const [packet] = packets;
  if (packet === undefined || packets.length > 1) return null;
  return packetBytes(packet) <= bytesMax ? packet : null;
}

function unsentBytesOf(members: readonly Subscription[], from: number, end: number): number {
  let bytes = 0;
  for (let at = from; at < end; at += 1) bytes += members[at]?.outlet.bufferedBytes ?? 0;
  return bytes;
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
