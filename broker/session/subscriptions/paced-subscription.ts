// A topic that one client is given at a pace of its own: as it acknowledges, or, while it catches
// up with a history, as its socket takes it. What does not fit waits: where messages have
// positions, only the next position is kept and they are read again from the history; elsewhere
// the messages themselves wait, and their bytes are counted against what the session may have
// unsent. Who need not acknowledge joins the others as soon as it has caught up.

import { octetsOf } from '../../../shared/octets.ts';
import type { Ends, HistoryPage, Publication } from '../../engine/engine.ts';
import { packetBytes } from '../../packet.ts';
import type { EncodedPage } from '../../routing/history-pages.ts';
import type { Outlet } from '../../routing/outlet.ts';
import { type Feed, Subscription } from '../../routing/subscription-index.ts';
import { errorFrame } from '../failure.ts';
import { formatOf, type StompFormat } from '../formats/stomp-format.ts';
import { Deliveries, type DeliveryState } from './deliveries.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import type { Acknowledging, OwnSubscription, SubscriptionTerms } from './own-subscription.ts';
import { type CursorStart, StreamCursor } from './stream-cursor.ts';
import type { SubscriptionParts } from './subscription-parts.ts';
import { WaitingMessages } from './waiting-messages.ts';

type Parts = Omit<SubscriptionParts, 'replies'>;

export interface PacedTopic {
  /** Where it starts; `null`: with whatever comes first, unless `begin` tells before `release`. */
  readonly start: CursorStart | null;
  /** True where what does not fit can be read again by its position. */
  readonly hasPositions: boolean;
  readonly destinationHeader: string | null;
  readonly topics: readonly string[];
}

export class PacedSubscription implements Acknowledging, Feed, OwnSubscription {
  readonly acknowledging?: Acknowledging;
  serial = 0;
  readonly #cursor: StreamCursor;
  /** `null`: what is sent is acknowledged. */
  readonly #deliveries: Deliveries<null> | null;
  readonly #format: StompFormat;
  readonly #goOn = () => this.#serve();
  readonly #parts: Parts;
  readonly #terms: SubscriptionTerms;
  readonly #topic: PacedTopic;
  readonly #waiting: WaitingMessages;
  readonly #writer: DeliveryWriter;
  #isEnded = false;
  #isReading = false;
  #isReleased = false;
  /** Its places among the others, once it needs no pace of its own. */
  #live: readonly Subscription[] = [];

  /** Live at once; until `release` what comes waits. */
  constructor(parts: Parts, terms: SubscriptionTerms, topic: PacedTopic) {
    const { ackMode, prefetch } = terms;
    this.#parts = parts;
    this.#terms = terms;
    this.#topic = topic;
    this.#deliveries = ackMode === 'auto' ? null : new Deliveries(ackMode, prefetch);
    if (ackMode !== 'auto') this.acknowledging = this;
    this.#cursor = new StreamCursor(topic.start);
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

  take(publications: readonly Publication[]): boolean {
    // The session has ended, and this subscription is about to.
    if (this.#parts.credit.isClosed) return true;
    for (const publication of publications) {
      // It is to be shed, and gets nothing more.
      if (this.#parts.output.isOverfull) return false;
      this.#takeOne(publication);
    }
    const keepsUp = this.#writer.flush() && !this.#parts.output.isOverfull;
    this.#serve();
    if (this.#isUpTo(publications.at(-1)?.offset ?? null)) this.#joinOthers();
    return keepsUp;
  }

  /** The ends of its topic, of which it was told later, as they were when it was opened. */
  endsBefore(ends: Ends): Ends {
    return this.#cursor.endsBefore(ends);
  }

  /** Sets where it starts, before it is released. */
  begin(start: CursorStart): void {
    this.#cursor.begin(start);
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

  stateOf(delivery: number): DeliveryState {
    return this.#deliveries?.stateOf(delivery) ?? 'unknown';
  }

  numberOf(messageId: string): number | null {
    return this.#deliveries?.numberOf(messageId) ?? null;
  }

  /** Only frees the window, with NACK as well: a topic has nobody else to give it to. */
  settle(delivery: number): void {
    this.#parts.credit.release(this.#deliveries?.settle(delivery).length ?? 0);
    this.#serve();
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

  get #hasRoom(): boolean {
    return this.#isReleased && this.#window > 0 && this.#parts.credit.isAvailable;
  }

  /** How many more may be delivered before an ACK. */
  get #window(): number {
    return this.#deliveries?.room ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it got everything, the message at this position last; `null`: one without a position. */
  #isUpTo(offset: number | null): boolean {
    return this.#isReleased && this.#waiting.isEmpty && this.#cursor.isAt(offset);
  }

  /** From here on it gets the same bytes as the others, and nothing that it got already. */
  #joinOthers(): void {
    if (this.#deliveries !== null || this.#isEnded) return;
    const { topics } = this.#topic;
    const { credit, index } = this.#parts;
    credit.offFreed(this.#goOn);
    this.#live = topics.map((topic) => new Subscription(topic, this.#format, this.outlet));
    // The topic keeps a subscriber, and what is left of the batch reaches the new one.
    for (const live of this.#live) index.add(live, this.serial);
    for (const topic of topics) index.removeFeed(topic, this);
  }

  #takeOne(publication: Publication): void {
    const { isEphemeral, offset } = publication;
    const fits = this.#hasRoom && !this.#cursor.isBehind && this.#waiting.isEmpty;
    if (offset !== null && this.#topic.hasPositions) {
      if (!this.#cursor.isOwed(offset)) return;
      if (fits) this.#deliver(publication);
      else this.#cursor.miss(offset);
      return;
    }
    if (fits) this.#deliver(publication);
    else if (!isEphemeral) this.#waiting.push(publication);
  }

  #deliver(publication: Publication): void {
    const { id, offset } = publication;
    if (offset !== null && this.#topic.hasPositions) this.#cursor.advance(offset);
    if (this.#deliveries === null) {
      this.#writer.add(publication, null);
      return;
    }
    this.#parts.credit.reserve(1);
    this.#writer.add(publication, this.#deliveries.open(id, null));
  }

  /** There may be room: first for what waits here, then for what waits in the history. */
  #serve(): void {
    // Where only what is to be written is in the way, there is room again after the write.
    while (!this.#waiting.isEmpty && this.#hasRoom) this.#deliverWaiting();
    if (this.#cursor.isBehind && this.#hasRoom && !this.#isReading) void this.#catchUp();
  }

  #deliverWaiting(): void {
    while (this.#hasRoom) {
      const publication = this.#waiting.shift();
      if (publication === undefined) break;
      this.#deliver(publication);
    }
    this.#writer.flush();
  }

  async #catchUp(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#cursor.isBehind && this.#hasRoom && !this.#isEnded) {
        await this.#parts.turns.take();
        await this.#readPage();
      }
    } catch (error) {
      this.#parts.session.abort(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #readPage(): Promise<void> {
    const [destination = ''] = this.#topic.topics;
    const from = this.#cursor.next;
    const max = this.#window;
    const { credit, pages } = this.#parts;
    if (this.#isEnded || max === 0) return;
    // What is to be acknowledged has a header of its own; the others get what others got.
    const format = this.#deliveries === null ? this.#format : null;
    const found = format === null ? undefined : pages.recent(destination, from, format);
    const recent = found instanceof Promise ? await found : found;
    if (this.#isEnded) return;
    if (recent !== undefined && this.#writeWhole(recent)) return;

    const page = await pages.read(destination, from, max);
    if (this.#isEnded) return;
    if (!this.#cursor.accept(page)) {
      // Nothing that a subscription is owed is skipped in silence.
      const text = `${destination} no longer keeps the message at ${from}`;
      this.#parts.session.fail(errorFrame('HISTORY_LOST', text), 'HISTORY_LOST');
      return;
    }
    const isShared = format !== null && octetsOfAll(page) <= credit.roomBytes;
    const encodedPage = isShared ? pages.encode(destination, page, format) : null;
    if (encodedPage !== null && this.#writeWhole(encodedPage)) return;
    for (const publication of page.publications) {
      // A page of large ones is more than its socket should have to send: the rest is read again.
      if (!this.#hasRoom) break;
      this.#deliver(publication);
    }
    this.#cursor.checkCaughtUp();
    this.#writer.flush();
  }

  /** False: its socket has no room for all of it. */
  #writeWhole({ last, packet }: EncodedPage): boolean {
    if (!this.#hasRoom || packetBytes(packet) > this.#parts.credit.roomBytes) return false;
    this.outlet.write(packet);
    this.#cursor.advance(last);
    this.#cursor.checkCaughtUp();
    return true;
  }
}

/** About what their MESSAGEs have. */
function octetsOfAll({ publications }: HistoryPage): number {
  let octets = 0;
  for (const { message } of publications) octets += octetsOf(message);
  return octets;
}
