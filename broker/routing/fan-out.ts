// From what was committed to the sockets. The bytes of a MESSAGE are made once per group, what
// one batch brings for a destination is joined, and each member costs a single write.

import type { Publication } from '../engine/engine.ts';
import { encodeMessage } from './message-frame.ts';
import type { Packet } from './outlet.ts';
import type { Group, Subscription, SubscriptionIndex } from './subscription-index.ts';

export interface FanOutLimits {
  /** Bytes that a connection may have unsent before its session is shed. */
  readonly unsentBytesMax: number;
}

export class FanOut {
  readonly #index: SubscriptionIndex;
  readonly #limits: FanOutLimits;

  constructor(index: SubscriptionIndex, limits: FanOutLimits) {
    this.#index = index;
    this.#limits = limits;
  }

  /** Writes a batch to everyone who is subscribed now; within a destination in its order. */
  deliver(batch: readonly Publication[]): void {
    const slow = new Set<Subscription>();
    for (const [destination, publications] of byDestination(batch)) {
      for (const group of this.#index.groupsOf(destination)) {
        this.#write(group, publications, slow);
      }
    }
    // Closing edits the index that was iterated, so it comes last.
    for (const subscription of slow) subscription.outlet.shed();
  }

  #write(group: Group, publications: readonly Publication[], slow: Set<Subscription>): void {
    const { unsentBytesMax } = this.#limits;
    const packet = encodeBatch(publications, group);
    // What is ephemeral is the first to be dropped, long before a session is shed.
    const isDroppable = publications.every(({ isEphemeral }) => isEphemeral);
    for (const member of group.members) {
      if (isDroppable && member.outlet.bufferedBytes > unsentBytesMax / 2) continue;
      member.outlet.write(packet);
      if (member.outlet.bufferedBytes > unsentBytesMax) slow.add(member);
    }
  }
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

function encodeBatch(publications: readonly Publication[], group: Group): Packet {
  const { encoding, subscriptionId, version } = group;
  const receivers = { isTextOnly: encoding.isTextOnly, subscriptionId, version };
  return encoding.wrap(publications.map((publication) => encodeMessage(publication, receivers)));
}
