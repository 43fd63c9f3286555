// Who gets what is published at a destination. Members whose copy of a MESSAGE has the same
// bytes stand in one group, so that it is encoded once for all of them:
//
//   destination ─▶ groups: (encoding, version, subscription id) ─▶ members ─▶ outlet
//
// The way back, from a session to its subscriptions, is kept by the session.

import type { StompVersion } from '../stomp/version.ts';
import type { Outlet, WireEncoding } from './outlet.ts';

/** One subscription of one session. The index keeps its place; nobody else changes it. */
export class Subscription {
  readonly destination: string;
  /** The `subscription` header of its MESSAGEs; `null`: a 1.0 client that gave no id. */
  readonly id: string | null;
  /** May be exchanged for one of the same encoding and version. */
  outlet: Outlet;
  /** Where it stands in its group; -1: nowhere. */
  place = -1;

  constructor(destination: string, id: string | null, outlet: Outlet) {
    this.destination = destination;
    this.id = id;
    this.outlet = outlet;
  }
}

/** Members that get the very same bytes. */
export interface Group {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
  readonly subscriptionId: string | null;
  readonly members: Subscription[];
}

export class SubscriptionIndex {
  readonly #destinations = new Map<string, Map<string, Group>>();

  /** Everything that is delivered from now on reaches it. */
  add(subscription: Subscription): void {
    const { destination, id, outlet } = subscription;
    const groups = this.#destinations.get(destination) ?? new Map<string, Group>();
    this.#destinations.set(destination, groups);
    const key = keyOf(subscription);
    let group = groups.get(key);
    if (group === undefined) {
      const { encoding, version } = outlet;
      group = { encoding, version, subscriptionId: id, members: [] };
      groups.set(key, group);
    }
    subscription.place = group.members.length;
    group.members.push(subscription);
  }

  /** Nothing reaches it any more. The last member takes its place, so the cost is constant. */
  remove(subscription: Subscription): void {
    const groups = this.#destinations.get(subscription.destination);
    const key = keyOf(subscription);
    const members = groups?.get(key)?.members;
    if (groups === undefined || members?.[subscription.place] !== subscription) return;
    const last = members.pop();
    if (last !== undefined && last !== subscription) {
      members[subscription.place] = last;
      last.place = subscription.place;
    }
    subscription.place = -1;
    // Names of destinations are the clients' to choose: nothing of them stays behind.
    if (members.length === 0) groups.delete(key);
    if (groups.size === 0) this.#destinations.delete(subscription.destination);
  }

  /** Good until the index is changed: whoever iterates adds and removes afterwards. */
  groupsOf(destination: string): Iterable<Group> {
    return this.#destinations.get(destination)?.values() ?? [];
  }

  has(destination: string): boolean {
    return this.#destinations.has(destination);
  }
}

function keyOf({ id, outlet }: Subscription): string {
  // An empty id is one that was given, no id is none.
  const named = id === null ? '' : `=${id}`;
  return `${outlet.encoding.name} ${outlet.version}${named}`;
}
