// The subscribers of each topic. Subscriptions whose formats have the same key form one group, so
// that a message is encoded once for all of them. A subscription that acknowledges or catches up is
// a feed, for which each message is encoded separately:
//
//   topic or pattern ─▶ subscribers ─▶ groups: key of the format ─▶ members ─▶ outlet
//                                   └▶ feeds
//
// The reverse mapping, from a session to its subscriptions, is kept by the session.

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
  /** `add` replaces it by its group's format, which has the same key: members share one object. */
  format: MessageFormat;
  /** May be replaced at any time. */
  outlet: Outlet;
  /** Its index in the group's members; -1 while it is in no group. */
  index = -1;
  /** Serial number, ascending in the order in which subscriptions and feeds were added. */
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
   * Serial number in the same order as those of subscriptions. The index sets it, again for each
   * topic that the feed is added to.
   */
  serial: number;
  /** Takes publications, in order; false if it cannot keep up and must be shed. */
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
   * @param hides true for a hidden destination, which no pattern matches
   * @param followed is told which topics have subscribers; `null`: the engine is not told
   */
  constructor(
    hides: (destination: string) => boolean = () => false,
    followed: FollowedTopics | null = null,
  ) {
    this.#hides = hides;
    this.#followed = followed;
  }

  /** The latest serial number; whatever is added later has a higher one. */
  get newest(): number {
    return this.#added;
  }

  /** The number of distinct patterns that have subscribers. */
  get patternCount(): number {
    return this.#patterns.size;
  }

  /** The number of nodes of the pattern tree that were visited since the start. */
  get patternNodesVisited(): number {
    return this.#patterns.visited;
  }

  /** The most tree nodes that a lookup of one destination would visit with this pattern added. */
  costWithPattern(pattern: string): number {
    return this.#patterns.costWith(pattern);
  }

  /**
   * The number of encodings that a message would need now: one for each group and each feed. This
   * caches the patterns that match, so the delivery need not walk the tree again.
   */
  encodingsOf(destination: string): number {
    return encodingsIn(this.subscribersOf(destination));
  }

  /**
   * Follows a topic for a subscriber that will be added in the same turn; if none is added,
   * `abandon` undoes it. Resolves once every later publication is sure to reach this node.
   *
   * @param needsEnds false: the caller does not use the ends of the topic
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
   * Adds a subscription, which gets every batch whose delivery begins from now on.
   *
   * @param serial that of a feed which it replaces: it also gets the rest of a batch under way
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

  /** Removes a subscription in constant time: the last member of its group takes its index. */
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
   * The present subscribers. The members of a group must not change while they are iterated over;
   * iterators of `groups` and `feeds` tolerate changes.
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

  /** Drops a topic without subscribers: clients choose the names, so unused ones would pile up. */
  #clean(topic: string, { feeds, groups }: TopicSubscribers): void {
    if (groups.size > 0 || feeds.size > 0) return;
    this.#subscribers.delete(topic);
    if (isPattern(topic)) this.#patterns.delete(topic);
    this.#followed?.last(topic);
  }
}

/** The number of encodings that one message needs: one for each group and each feed. */
export function encodingsIn(subscribers: readonly TopicSubscribers[]): number {
  let encodings = 0;
  for (const { feeds, groups } of subscribers) encodings += feeds.size + groups.size;
  return encodings;
}
