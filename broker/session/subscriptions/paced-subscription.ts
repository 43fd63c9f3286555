// A topic subscription that is served at its own pace: as its client acknowledges, or, while it
// catches up with a history, as its socket takes it. Deliveries that do not fit wait. Where
// messages have positions, only the next position is remembered, and `catch-up.ts` reads the
// messages again; elsewhere the messages themselves wait, and count towards what the session may
// have unsent. A subscription with `auto` joins the shared fan-out as soon as it has caught up.

import type { Ends, Publication } from '../../engine/engine.ts';
import type { Outlet } from '../../routing/outlet.ts';
import { type Feed, Subscription } from '../../routing/subscription-index.ts';
import { formatOf, type StompFormat } from '../formats/stomp-format.ts';
import { type CatchingUp, CatchUp } from './catch-up.ts';
import { Deliveries, type DeliveryState } from './deliveries.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import type { Acknowledging, OwnSubscription, SubscriptionTerms } from './own-subscription.ts';
import { type CursorStart, StreamCursor } from './stream-cursor.ts';
import type { SubscriptionParts } from './subscription-parts.ts';
import { WaitingMessages } from './waiting-messages.ts';

type Parts = Omit<SubscriptionParts, 'replies'>;

export interface PacedTopic {
  /** `null`: it starts with whatever comes first, unless `begin` is called before `release`. */
  readonly start: CursorStart | null;
  /** True where messages that do not fit can be read again by their positions. */
  readonly hasPositions: boolean;
  readonly destinationHeader: string | null;
  readonly topics: readonly string[];
}

export class PacedSubscription implements Acknowledging, CatchingUp, Feed, OwnSubscription {
  readonly acknowledging?: Acknowledging;
  readonly cursor: StreamCursor;
  serial = 0;
  readonly #catchUp: CatchUp;
  /** `null` with `auto`: deliveries are acknowledged by being sent. */
  readonly #deliveries: Deliveries<null> | null;
  readonly #format: StompFormat;
  readonly #goOn = () => this.#serve();
  readonly #parts: Parts;
  readonly #terms: SubscriptionTerms;
  readonly #topic: PacedTopic;
  readonly #waiting: WaitingMessages;
  readonly #writer: DeliveryWriter;
  #isEnded = false;
  #isReleased = false;
  /** Its subscriptions in the shared fan-out, once it needs no pace of its own. */
  #live: readonly Subscription[] = [];

  /** Receives messages at once, and delivers them after `release`. */
  constructor(parts: Parts, terms: SubscriptionTerms, topic: PacedTopic) {
    const { ackMode, prefetch } = terms;
    this.#parts = parts;
    this.#terms = terms;
    this.#topic = topic;
    this.#deliveries = ackMode === 'auto' ? null : new Deliveries(ackMode, prefetch);
    if (ackMode !== 'auto') this.acknowledging = this;
    this.cursor = new StreamCursor(topic.start);
    this.#catchUp = new CatchUp(parts, this);
    this.#waiting = new WaitingMessages(parts.output);
    this.#format = formatOf(parts.output, parts.tails, terms.id, topic.destinationHeader);
    this.#writer = new DeliveryWriter(parts, this.#format);
    for (const name of topic.topics) parts.index.addFeed(name, this);
  }

  get destination(): string {
    return this.#terms.destination;
  }

  get name(): number {
    return this.#writer.name;
  }

  get outlet(): Outlet {
    return this.#parts.output;
  }

  get topic(): string {
    return this.#topic.topics[0] ?? '';
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get hasRoom(): boolean {
    return this.#isReleased && this.window > 0 && this.#parts.credit.isAvailable;
  }

  get window(): number {
    return this.#deliveries?.room ?? Number.POSITIVE_INFINITY;
  }

  get sharedFormat(): StompFormat | null {
    return this.#deliveries === null ? this.#format : null;
  }

  take(publications: readonly Publication[]): boolean {
    // The session has ended, and is about to end this subscription.
    if (this.#parts.credit.isClosed) return true;
    for (const publication of publications) {
      // The session will be shed, and gets nothing more.
      if (this.#parts.output.isOverfull) return false;
      this.#takeOne(publication);
    }
    const keepsUp = this.flush() && !this.#parts.output.isOverfull;
    this.#serve();
    if (this.#isUpTo(publications.at(-1)?.offset ?? null)) this.#joinOthers();
    return keepsUp;
  }

  /**
   * Corrects the ends of its topic, where the answer came late, to those at the time of opening.
   */
  endsBefore(ends: Ends): Ends {
    return this.cursor.endsBefore(ends);
  }

  /** Sets the resolved start, before `release`. */
  begin(start: CursorStart): void {
    this.cursor.begin(start);
  }

  release(): void {
    this.#isReleased = true;
    if (!this.#isEnded) this.#parts.credit.onFreed(this.#goOn);
    this.#serve();
  }

  tell(publication: Publication): void {
    if (!this.#parts.output.isOverfull) this.#waiting.push(publication);
    this.#serve();
    if (this.#parts.output.isOverfull) this.outlet.shed();
  }

  /** Like `tell`, ahead of all messages that it has received; before `release`. */
  tellFirst(publication: Publication): void {
    this.#waiting.putFirst(publication);
    if (this.#parts.output.isOverfull) this.outlet.shed();
  }

  stateOf(delivery: number): DeliveryState {
    return this.#deliveries?.stateOf(delivery) ?? 'unknown';
  }

  numberOf(messageId: string): number | null {
    return this.#deliveries?.numberOf(messageId) ?? null;
  }

  /** ACK and NACK alike free the window: a topic has no other consumer to redeliver to. */
  settle(delivery: number): void {
    this.#parts.credit.release(this.#deliveries?.settle(delivery).length ?? 0);
    this.#serve();
  }

  deliver(publication: Publication): void {
    const { id, offset } = publication;
    if (offset !== null && this.#topic.hasPositions) this.cursor.advance(offset);
    if (this.#deliveries === null) {
      this.#writer.add(publication, null);
      return;
    }
    this.#parts.credit.reserve(1);
    this.#writer.add(publication, this.#deliveries.open(id, null));
  }

  flush(): boolean {
    return this.#writer.flush();
  }

  end(): void {
    this.#isEnded = true;
    const { credit, index } = this.#parts;
    credit.offFreed(this.#goOn);
    for (const name of this.#topic.topics) index.removeFeed(name, this);
    for (const live of this.#live) index.remove(live);
    credit.release(this.#deliveries?.clear().length ?? 0);
    this.#waiting.clear();
  }

  /** True if everything up to this position was delivered; `null`: the stream has no positions. */
  #isUpTo(offset: number | null): boolean {
    return this.#isReleased && this.#waiting.isEmpty && this.cursor.isAt(offset);
  }

  /** Joins the shared fan-out: later messages come as the bytes that all others get. */
  #joinOthers(): void {
    if (this.#deliveries !== null || this.#isEnded) return;
    const { topics } = this.#topic;
    const { credit, index } = this.#parts;
    credit.offFreed(this.#goOn);
    this.#live = topics.map((topic) => new Subscription(topic, this.#format, this.outlet));
    // Added before the feed is removed, so that the topic always has a subscriber. With the serial
    // number of the feed, the rest of a batch under way reaches the new subscription as well.
    for (const live of this.#live) index.add(live, this.serial);
    for (const topic of topics) index.removeFeed(topic, this);
  }

  #takeOne(publication: Publication): void {
    const { isEphemeral, offset } = publication;
    const fits = this.hasRoom && !this.cursor.isBehind && this.#waiting.isEmpty;
    if (offset !== null && this.#topic.hasPositions) {
      if (!this.cursor.isOwed(offset)) return;
      if (fits) this.deliver(publication);
      else this.cursor.miss(offset);
      return;
    }
    if (fits) this.deliver(publication);
    else if (!isEphemeral) this.#waiting.push(publication);
  }

  /**
   * Uses the room that there is: first for messages that wait here, then for those in the history.
   */
  #serve(): void {
    // Encoded bytes that are not written yet take room, so there may be more after the write.
    while (!this.#waiting.isEmpty && this.hasRoom) this.#deliverWaiting();
    this.#catchUp.run();
  }

  #deliverWaiting(): void {
    while (this.hasRoom) {
      const publication = this.#waiting.shift();
      if (publication === undefined) break;
      this.deliver(publication);
    }
    this.#writer.flush();
  }
}
