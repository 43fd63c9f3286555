// From what was committed to the sockets. The bytes of a MESSAGE are made once per group, what
// one batch brings for a destination is joined, and each member costs a single write.

import type { Publication } from '../engine/engine.ts';
import { encodePacket } from './message-frame.ts';
import type { Outlet } from './outlet.ts';
import type { Group, Subscription, SubscriptionIndex } from './subscription-index.ts';

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

  constructor(index: SubscriptionIndex, limits: FanOutLimits) {
    this.#index = index;
    this.#limits = limits;
  }

  /** Writes a batch to everyone who is subscribed now; within a destination in its order. */
  deliver(batch: readonly Publication[]): void {
    const slow = new Set<Sheddable>();
    for (const [destination, publications] of byDestination(batch)) {
      for (const { feeds, groups } of this.#index.placesOf(destination)) {
        for (const group of groups.values()) this.#write(group, publications, slow);
        for (const feed of feeds) if (!feed.take(publications)) slow.add(feed.outlet);
      }
    }
    // Closing edits the index that was iterated, so it comes last.
    for (const outlet of slow) outlet.shed();
  }

  #write(group: Group, publications: readonly Publication[], slow: Set<Sheddable>): void {
    const { unsentBytesMax } = this.#limits;
    const packet = encodePacket(publications, group);
    // What is ephemeral is the first to be dropped, long before a session is shed.
    const isDroppable = publications.every(({ isEphemeral }) => isEphemeral);
    const { members } = group;
    for (let from = 0; from < members.length; from += LOOK_AHEAD) {
      const some = members.slice(from, from + LOOK_AHEAD);
      const isAnyBehind = unsentBytesOf(some) > 0;
      for (const { outlet } of some) {
        const isBehind = isAnyBehind && outlet.bufferedBytes > unsentBytesMax / 2;
        if (isDroppable && isBehind) continue;
        outlet.write(packet);
        if (outlet.bufferedBytes > unsentBytesMax) slow.add(outlet);
      }
    }
  }
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
