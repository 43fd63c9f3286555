// Who gets what is published at a topic. Members whose copy of a MESSAGE has the same bytes stand
// in one group, so that it is encoded once for all of them; who must acknowledge is a feed, and
// gets copies of its own:
//
//   topic or pattern ─▶ place ─▶ groups: (encoding, version, subscription id) ─▶ members ─▶ outlet
//                             └▶ feeds
//
// The way back, from a session to its subscriptions, is kept by the session.

import type { Publication } from '../engine/engine.ts';
import type { EncodingKey } from './message-frame.ts';
import type { Outlet } from './outlet.ts';
import { isPattern } from './pattern.ts';
import { PatternIndex } from './pattern-index.ts';

/** One subscription of one session. The index keeps its place; nobody else changes it. */
export class Subscription {
  /** What it listens to: a topic, a pattern, or the name of what is a user's own. */
  readonly topic: string;
  /** The `subscription` header of its MESSAGEs; `null`: a 1.0 client that gave no id. */
  readonly id: string | null;
  /** The `destination` of its MESSAGEs; `null`: where each was published. */
  readonly destinationHeader: string | null;
  /** May be exchanged for one of the same encoding and version. */
  outlet: Outlet;
  /** Where it stands in its group; -1: nowhere. */
  index = -1;
  /** Its number among all that were added to the index, feeds included. */
  serial = 0;

  constructor(topic: string, id: string | null, destinationHeader: string | null, outlet: Outlet) {
    this.topic = topic;
    this.id = id;
    this.destinationHeader = destinationHeader;
    this.outlet = outlet;
  }
}

/** Members that get the very same bytes. */
export interface Group extends EncodingKey {
  readonly members: Subscription[];
}

/** A subscription that is served by itself. */
export interface Feed {
  readonly outlet: Pick<Outlet, 'shed'>;
  /** Its number among all that were added to the index, at the last of its topics; the index sets it. */
  serial: number;
  /** Takes what was published, in order. False: it cannot keep up, and is to be shed. */
  take(publications: readonly Publication[]): boolean;
}

/** Everyone who listens to one topic or pattern. */
export interface TopicSubscribers {
  readonly groups: Map<string, Group>;
  readonly feeds: Set<Feed>;
}

export class SubscriptionIndex {
  readonly #hides: (destination: string) => boolean;
  readonly #patterns = new PatternIndex<TopicSubscribers>();
  readonly #subscribers = new Map<string, TopicSubscribers>();
  #added = 0;

  /** @param hides what no pattern sees, whatever it matches */
  constructor(hides: (destination: string) => boolean = () => false) {
    this.#hides = hides;
  }

  /** The number of what was added last; whatever is added later has a higher one. */
  get newest(): number {
    return this.#added;
  }

  /** How many patterns are listened to. */
  get patternCount(): number {
    return this.#patterns.size;
  }

  /** Nodes of the tree of patterns that were visited since the start. */
  get patternNodesVisited(): number {
    return this.#patterns.visited;
  }

  /** Nodes that are visited for one name at most, if this pattern is listened to as well. */
  costWithPattern(pattern: string): number {
    return this.#patterns.costWith(pattern);
  }

  /**
   * Finds who is subscribed, so that patterns are walked through before the delivery; gives how many
   * times a message would be encoded now: for each group, and for each feed.
   */
  encodingsOf(destination: string): number {
    return encodingsIn(this.subscribersOf(destination));
  }

  /** Every batch whose delivery begins from now on reaches it. */
  add(subscription: Subscription): void {
    const { groups } = this.#subscribersAt(subscription.topic);
    const encodingKey = encodingKeyOf(subscription);
    const key = groupKey(encodingKey);
    let group = groups.get(key);
    if (group === undefined) {
      // One by one: a copy with `...` and a field more has a shape of its own in V8, each time.
      const { encoding, destinationHeader, subscriptionId, version } = encodingKey;
      group = { encoding, members: [], destinationHeader, subscriptionId, version };
      groups.set(key, group);
    }
    this.#added += 1;
    subscription.serial = this.#added;
    subscription.index = group.members.length;
    group.members.push(subscription);
  }

  /** Nothing reaches it any more. The last member takes its place, so the cost is constant. */
  remove(subscription: Subscription): void {
    const place = this.#subscribers.get(subscription.topic);
    const key = groupKey(encodingKeyOf(subscription));
    const members = place?.groups.get(key)?.members;
    if (place === undefined || members?.[subscription.index] !== subscription) return;
    const last = members.pop();
    if (last !== undefined && last !== subscription) {
      members[subscription.index] = last;
      last.index = subscription.index;
    }
    subscription.index = -1;
    if (members.length === 0) place.groups.delete(key);
    this.#clean(subscription.topic, place);
  }

  addFeed(topic: string, feed: Feed): void {
    this.#added += 1;
    feed.serial = this.#added;
    this.#subscribersAt(topic).feeds.add(feed);
  }

  removeFeed(topic: string, feed: Feed): void {
    const place = this.#subscribers.get(topic);
    if (place === undefined) return;
    place.feeds.delete(feed);
    this.#clean(topic, place);
  }

  /**
   * The places that are there now. While somebody iterates, the members of the group that is being
   * iterated must not change; iterators of `groups` and `feeds` stand changes.
   */
  subscribersOf(destination: string): readonly TopicSubscribers[] {
    const own = this.#subscribers.get(destination);
    const matching = this.#patterns.size === 0 ? [] : this.#matching(destination);
    if (own === undefined) return matching;
    return matching.length === 0 ? [own] : [own, ...matching];
  }

  has(topic: string): boolean {
    return this.#subscribers.has(topic);
  }

  #matching(destination: string): readonly TopicSubscribers[] {
    return this.#hides(destination) ? [] : this.#patterns.match(destination);
  }

  #subscribersAt(topic: string): TopicSubscribers {
    const known = this.#subscribers.get(topic);
    if (known !== undefined) return known;
    const place: TopicSubscribers = { groups: new Map(), feeds: new Set() };
    this.#subscribers.set(topic, place);
    if (isPattern(topic)) this.#patterns.set(topic, place);
    return place;
  }

  /** Names of topics are the clients' to choose: nothing of them stays behind. */
  #clean(topic: string, { feeds, groups }: TopicSubscribers): void {
    if (groups.size > 0 || feeds.size > 0) return;
    this.#subscribers.delete(topic);
    if (isPattern(topic)) this.#patterns.delete(topic);
  }
}

/** How many times a message is encoded for all who are there: for each group, and for each feed. */
export function encodingsIn(subscribers: readonly TopicSubscribers[]): number {
  let encodings = 0;
  for (const { feeds, groups } of subscribers) encodings += feeds.size + groups.size;
  return encodings;
}

function encodingKeyOf({ id, outlet, destinationHeader }: Subscription): EncodingKey {
  return {
    encoding: outlet.encoding,
    version: outlet.version,
    subscriptionId: id,
    destinationHeader,
  };
}

/** What those have in common who listen at one topic and get the same bytes. */
export function groupKey({ encoding, subscriptionId, version }: EncodingKey): string {
  // An empty id is one that was given, no id is none.
  const named = subscriptionId === null ? '' : `=${subscriptionId}`;
  return `${encoding.name} ${version}${named}`;
}
