// The subscribers of each topic. Subscriptions whose formats have the same key stand in one
// group, so that a message is encoded once for all of them; a subscription that acknowledges or
// catches up is a feed, and gets copies of its own:
//
//   topic or pattern ─▶ subscribers ─▶ groups: key of the format ─▶ members ─▶ outlet
//                                   └▶ feeds
//
// The way back, from a session to its subscriptions, is kept by the session.

import type { Ends, Publication } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';
import type { FollowedTopics } from './followed-topics.ts';
import type { MessageFormat } from './message-format.ts';
import type { Outlet } from './outlet.ts';
import { isPattern } from './pattern.ts';
import { PatternIndex } from './pattern-index.ts';

/** One subscription of one subscriber. Only the index changes `format`, `index` and `serial`. */
export class Subscription {
  /** The topic or pattern it listens to, or the name of a user's own topic. */
  readonly topic: string;
  /** Exchanged for that of its group, which has the same key: one object serves all members. */
  format: MessageFormat;
  /** May be exchanged at any time. */
  outlet: Outlet;
  /** Its place in its group; -1: it is in none. */
  index = -1;
  /** Its number among all that were added to the index, feeds included. */
  serial = 0;

  constructor(topic: string, format: MessageFormat, outlet: Outlet) {
    this.topic = topic;
    this.format = format;
    this.outlet = outlet;
  }
}

/** Subscriptions that get the same bytes. */
export interface Group {
  readonly format: MessageFormat;
  readonly members: Subscription[];
}

/** A subscription that is served by itself. */
export interface Feed {
  readonly outlet: Pick<Outlet, 'shed'>;
  /**
   * Its number among all that were added to the index, at the last of its topics; the index sets
   * it.
   */
  serial: number;
  /** Takes publications, in order. False: it cannot keep up, and is to be shed. */
  take(publications: readonly Publication[]): boolean;
}

/** All subscribers of one topic or pattern. */
export interface TopicSubscribers {
  readonly groups: Map<MessageFormat['key'], Group>;
  readonly feeds: Set<Feed>;
}

export class SubscriptionIndex {
  readonly #followed: FollowedTopics | null;
  readonly #hides: (destination: string) => boolean;
  readonly #patterns = new PatternIndex<TopicSubscribers>();
  readonly #subscribers = new Map<string, TopicSubscribers>();
  #added = 0;

  /**
   * @param hides what no pattern sees, whatever it matches
   * @param followed is told which topics have subscribers; `null`: nobody is told
   */
  constructor(
    hides: (destination: string) => boolean = () => false,
    followed: FollowedTopics | null = null,
  ) {
    this.#hides = hides;
    this.#followed = followed;
  }

  /** The serial number that was given last; later ones are higher. */
  get newest(): number {
    return this.#added;
  }

  /** The number of patterns that are subscribed to. */
  get patternCount(): number {
    return this.#patterns.size;
  }

  /** The number of nodes of the pattern tree that were visited since the start. */
  get patternNodesVisited(): number {
    return this.#patterns.visited;
  }

  /** The most nodes that would be visited for one name if this pattern were subscribed to. */
  costWithPattern(pattern: string): number {
    return this.#patterns.costWith(pattern);
  }

  /**
   * The number of times that a message would be encoded now: once for each group, and for each
   * feed. The patterns that match are found by this, so the delivery need not walk the tree.
   */
  encodingsOf(destination: string): number {
    return encodingsIn(this.subscribersOf(destination));
  }

  /**
   * Follows a topic for a subscriber that is added in the same turn; `abandon` undoes that if
   * none is. The answer comes when every later publication reaches this node.
   *
   * @param needsEnds false: the ends of the topic are not asked for
   */
  follow(topic: string, needsEnds: boolean): Maybe<Ends | null> {
    if (!this.#subscribers.has(topic)) return this.#open(topic).ends;
    return this.#followed?.another(topic, needsEnds) ?? null;
  }

  /** Stops following a topic that has no subscribers after all. */
  abandon(topic: string): void {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers !== undefined) this.#clean(topic, subscribers);
  }

  /**
   * Every batch whose delivery begins from now on reaches it.
   *
   * @param serial of a feed that it replaces, whose batch may go on at other destinations
   */
  add(subscription: Subscription, serial: number | null = null): void {
    const { groups } = this.#subscribersAt(subscription.topic);
    const { key } = subscription.format;
    let group = groups.get(key);
    if (group === undefined) {
      group = { format: subscription.format, members: [] };
      groups.set(key, group);
    }
    subscription.format = group.format;
    if (serial === null) this.#added += 1;
    subscription.serial = serial ?? this.#added;
    subscription.index = group.members.length;
    group.members.push(subscription);
  }

  /** Removes it at a constant cost: the last member of its group takes its place. */
  remove(subscription: Subscription): void {
    const subscribers = this.#subscribers.get(subscription.topic);
    const { key } = subscription.format;
    const members = subscribers?.groups.get(key)?.members;
    if (subscribers === undefined || members?.[subscription.index] !== subscription) return;
    const last = members.pop();
    if (last !== undefined && last !== subscription) {
      members[subscription.index] = last;
      last.index = subscription.index;
    }
    subscription.index = -1;
    if (members.length === 0) subscribers.groups.delete(key);
    this.#clean(subscription.topic, subscribers);
  }

  addFeed(topic: string, feed: Feed): void {
    this.#added += 1;
    feed.serial = this.#added;
    this.#subscribersAt(topic).feeds.add(feed);
  }

  removeFeed(topic: string, feed: Feed): void {
    const subscribers = this.#subscribers.get(topic);
    if (subscribers === undefined) return;
    subscribers.feeds.delete(feed);
    this.#clean(topic, subscribers);
  }

  /**
   * The subscribers at this moment. While the members of a group are iterated over they must not
   * change; iterators of `groups` and `feeds` may go on over changes.
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
    return this.#subscribers.get(topic) ?? this.#open(topic).subscribers;
  }

  #open(topic: string): { subscribers: TopicSubscribers; ends: Maybe<Ends | null> } {
    const subscribers: TopicSubscribers = { groups: new Map(), feeds: new Set() };
    this.#subscribers.set(topic, subscribers);
    if (isPattern(topic)) this.#patterns.set(topic, subscribers);
    return { subscribers, ends: this.#followed?.first(topic) ?? null };
  }

  /** Clients choose the names of topics, so nothing stays behind when the last one leaves. */
  #clean(topic: string, { feeds, groups }: TopicSubscribers): void {
    if (groups.size > 0 || feeds.size > 0) return;
    this.#subscribers.delete(topic);
    if (isPattern(topic)) this.#patterns.delete(topic);
    this.#followed?.last(topic);
  }
}

/**
 * The number of times that a message is encoded for them: once for each group, and for each feed.
 */
export function encodingsIn(subscribers: readonly TopicSubscribers[]): number {
  let encodings = 0;
  for (const { feeds, groups } of subscribers) encodings += feeds.size + groups.size;
  return encodings;
}
