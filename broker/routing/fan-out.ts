// From what was committed to the sockets. What all subscribers share of a MESSAGE is encoded once,
// what one batch brings for a destination is joined for each group, and each member costs a single
// write. Before each write the unsent bytes are looked at, so that a session gets at most one
// packet more than its limit, however many subscriptions it has.

import type { Publication } from '../engine/engine.ts';
import { encodePackets } from './message-frame.ts';
import type { Outlet, Packet } from './outlet.ts';
import { SharedTails } from './shared-tails.ts';
import type { Group, Place, Subscription, SubscriptionIndex } from './subscription-index.ts';

export interface FanOutLimits {
  /** Bytes that a connection may have unsent before its session is shed. */
  readonly unsentBytesMax: number;
}

/**
 * Members that are looked at before the first of them is written to. What there is to know of one is
 * far apart in memory, and a processor fetches it for many at once, but not across a system call.
 */
const LOOK_AHEAD = 32;

type Sheddable = Pick<Outlet, 'shed'>;

export class FanOut {
  readonly #index: SubscriptionIndex;
  readonly #limits: FanOutLimits;
  readonly #tails: SharedTails;

  /** @param tails for feeds as well, so that they share with the groups what is in a batch */
  constructor(index: SubscriptionIndex, limits: FanOutLimits, tails = new SharedTails()) {
    this.#index = index;
    this.#limits = limits;
    this.#tails = tails;
  }

  /** Writes a batch to everyone who is subscribed now; within a destination in its order. */
  deliver(batch: readonly Publication[]): void {
    const slow = new Set<Sheddable>();
    for (const [destination, publications] of byDestination(batch)) {
      const places = this.#index.placesOf(destination);
      if (isShared(places)) this.#tails.keep(publications);
      for (const { feeds, groups } of places) {
        for (const group of groups.values()) this.#write(group, publications, slow);
        for (const feed of feeds) if (!feed.take(publications)) slow.add(feed.outlet);
      }
      this.#tails.forget();
    }
    // Closing edits the index that was iterated, so it comes last.
    for (const outlet of slow) outlet.shed();
  }

  #write(group: Group, publications: readonly Publication[], slow: Set<Sheddable>): void {
    const { unsentBytesMax } = this.#limits;
    // Not before somebody takes it.
    let packets: readonly Packet[] | null = null;
    // What is ephemeral is the first to be dropped, long before a session is shed.
    const isDroppable = publications.every(({ isEphemeral }) => isEphemeral);
    const { members } = group;
    for (let from = 0; from < members.length; from += LOOK_AHEAD) {
      const some = members.slice(from, from + LOOK_AHEAD);
      const isAnyBehind = unsentBytesOf(some) > 0;
      for (const { outlet } of some) {
        if (isAnyBehind) {
          const unsent = outlet.bufferedBytes;
          if (isDroppable && unsent > unsentBytesMax / 2) continue;
          if (unsent > unsentBytesMax) {
            slow.add(outlet);
            continue;
          }
        }
        packets ??= encodePackets(publications, group, this.#tails);
        if (!writeAll(packets, outlet, unsentBytesMax)) slow.add(outlet);
      }
    }
  }
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

function unsentBytesOf(members: readonly Subscription[]): number {
  let bytes = 0;
  for (const { outlet } of members) bytes += outlet.bufferedBytes;
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
