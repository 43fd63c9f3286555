// A topic that one client is given at a pace of its own: as it acknowledges, or, while it catches
// up with a history, as its socket takes it. What does not fit waits: where messages have
// positions, only the next position is kept and they are read again from the history; elsewhere
// the messages themselves wait, and their bytes are counted against what the session may have
// unsent. Who need not acknowledge joins the others as soon as it has caught up.

import { octetsOf } from '../../../shared/octets.ts';
import type { HistoryPage, Publication } from '../../engine/engine.ts';
import { packetBytes } from '../../packet.ts';
import { Fifo } from '../../routing/fifo.ts';
import type { EncodedPage } from '../../routing/history-pages.ts';
import type { EncodingKey } from '../../routing/message-frame.ts';
import type { Outlet } from '../../routing/outlet.ts';
import { type Feed, Subscription } from '../../routing/subscription-index.ts';
import type { ResolvedStart } from '../commands/start-position.ts';
import type { Conversation } from '../conversation.ts';
import { Deliveries, type DeliveryState } from './deliveries.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import type { Acknowledging, OwnSubscription, SubscriptionTerms } from './own-subscription.ts';

/** What a message that waits counts besides its octets, for the objects that hold it. */
const OVERHEAD_BYTES = 512;

export interface PacedTopic {
  /** Where it starts; `null`: with whatever comes first. */
  readonly start: Pick<ResolvedStart, 'head' | 'isLenient' | 'mayStartLater' | 'next'> | null;
  /** True where what does not fit can be read again by its position. */
  readonly hasPositions: boolean;
  readonly destinationHeader: string | null;
  readonly topics: readonly string[];
}

export class PacedSubscription implements Acknowledging, Feed, OwnSubscription {
  readonly acknowledging?: Acknowledging;
  serial = 0;
  readonly #conversation: Conversation;
  /** `null`: what is sent is acknowledged. */
  readonly #deliveries: Deliveries<null> | null;
  readonly #goOn = () => this.#serve();
  readonly #terms: SubscriptionTerms;
  readonly #topic: PacedTopic;
  readonly #waiting = new Fifo<Publication>();
  readonly #writer: DeliveryWriter;
  #isEnded = false;
  /** Damaged positions are passed over until it has caught up. */
  #isLenient: boolean;
  /** No position was promised or delivered: it may begin with the oldest that there is by then. */
  #mayStartLater: boolean;
  #isReading = false;
  #isReleased = false;
  /** Its place among the others, once it needs no pace of its own. */
  #live: Subscription | null = null;
  /** The newest position that could not be taken when it came; 0: it is up to date. */
  #missed = 0;
  /** The lowest position that it did not get yet; `null`: whichever comes first. */
  #next: number | null = null;

  /** Live at once; until `release` what comes waits. */
  constructor(conversation: Conversation, terms: SubscriptionTerms, topic: PacedTopic) {
    const { ackMode, prefetch } = terms;
    this.#conversation = conversation;
    this.#terms = terms;
    this.#topic = topic;
    this.#deliveries = ackMode === 'auto' ? null : new Deliveries(ackMode, prefetch);
    if (ackMode !== 'auto') this.acknowledging = this;
    const { start } = topic;
    this.#isLenient = start?.isLenient ?? false;
    this.#mayStartLater = start?.mayStartLater ?? false;
    if (start !== null) this.#next = start.next;
    if (start !== null && start.next <= start.head) this.#missed = start.head;
    this.#writer = new DeliveryWriter(conversation, terms.id, topic.destinationHeader);
    for (const name of topic.topics) conversation.parts.index.addFeed(name, this);
  }

  get destination(): string {
    return this.#terms.destination;
  }

  get name(): number {
    return this.#writer.name;
  }

  get outlet(): Outlet {
    return this.#conversation.outlet;
  }

  take(publications: readonly Publication[]): boolean {
    // The session has ended, and this subscription is about to.
    if (this.#conversation.isEnded) return true;
    for (const publication of publications) {
      // It is to be shed, and gets nothing more.
      if (this.#conversation.isOverfull) return false;
      this.#takeOne(publication);
    }
    const keepsUp = this.#writer.flush() && !this.#conversation.isOverfull;
    this.#serve();
    const last = publications.at(-1)?.offset ?? null;
    if (last !== null && this.#isUpTo(last)) this.#joinOthers();
    return keepsUp;
  }

  release(): void {
    this.#isReleased = true;
    if (!this.#isEnded) this.#conversation.onDrained(this.#goOn);
    this.#serve();
  }

  tell(publication: Publication): void {
    if (!this.#conversation.isOverfull) this.#wait(publication);
    this.#serve();
    if (this.#conversation.isOverfull) this.outlet.shed();
  }

  stateOf(delivery: number): DeliveryState {
    return this.#deliveries?.stateOf(delivery) ?? 'unknown';
  }

  numberOf(messageId: string): number | null {
    return this.#deliveries?.numberOf(messageId) ?? null;
  }

  /** Only frees the window, with NACK as well: a topic has nobody else to give it to. */
  settle(delivery: number): void {
    this.#conversation.opens(-(this.#deliveries?.settle(delivery).length ?? 0));
    this.#serve();
  }

  end(): void {
    this.#isEnded = true;
    this.#conversation.offDrained(this.#goOn);
    for (const name of this.#topic.topics) this.#conversation.parts.index.removeFeed(name, this);
    if (this.#live !== null) this.#conversation.parts.index.remove(this.#live);
    this.#conversation.opens(-(this.#deliveries?.clear().length ?? 0));
    while (this.#nextWaiting() !== undefined);
  }

  get #hasRoom(): boolean {
    return this.#isReleased && this.#window > 0 && this.#conversation.takesMore;
  }

  /** How many more may be delivered before an ACK. */
  get #window(): number {
    return this.#deliveries?.room ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it got everything, the message at this position last. */
  #isUpTo(offset: number): boolean {
    return this.#missed === 0 && this.#waiting.length === 0 && this.#next === offset + 1;
  }

  /** From here on it gets the same bytes as the others, and nothing that it got already. */
  #joinOthers(): void {
    const [topic] = this.#topic.topics;
    if (this.#deliveries !== null || topic === undefined || this.#isEnded) return;
    const { index } = this.#conversation.parts;
    this.#conversation.offDrained(this.#goOn);
    index.removeFeed(topic, this);
    this.#live = new Subscription(
      topic,
      this.#terms.id,
      this.#topic.destinationHeader,
      this.outlet,
    );
    index.add(this.#live);
  }

  #takeOne(publication: Publication): void {
    const { isEphemeral, offset } = publication;
    const fits = this.#hasRoom && this.#missed === 0 && this.#waiting.length === 0;
    if (offset !== null && this.#topic.hasPositions) {
      this.#next ??= offset;
      // It was read from the history already.
      if (offset < this.#next) return;
      if (!fits) this.#missed = offset;
      else this.#deliver(publication);
      return;
    }
    if (fits) this.#deliver(publication);
    else if (!isEphemeral) this.#wait(publication);
  }

  #wait(publication: Publication): void {
    this.#waiting.push(publication);
    this.#conversation.waits(weightOf(publication));
    this.#conversation.unsent.holdPiece(publication.message, weightOf(publication));
  }

  #nextWaiting(): Publication | undefined {
    const publication = this.#waiting.shift();
    if (publication === undefined) return undefined;
    this.#conversation.waits(-weightOf(publication));
    this.#conversation.unsent.releasePiece(publication.message, weightOf(publication));
    return publication;
  }

  #deliver(publication: Publication): void {
    const { id, offset } = publication;
    if (offset !== null && this.#topic.hasPositions) {
      this.#next = offset + 1;
      this.#mayStartLater = false;
    }
    if (this.#deliveries === null) {
      this.#writer.add(publication, null);
      return;
    }
    this.#conversation.opens(1);
    this.#writer.add(publication, this.#deliveries.open(id, null));
  }

  /** There may be room: first for what waits here, then for what waits in the history. */
  #serve(): void {
    // Where only what is to be written is in the way, there is room again after the write.
    while (this.#waiting.length > 0 && this.#hasRoom) this.#deliverWaiting();
    if (this.#missed > 0 && this.#hasRoom && !this.#isReading) void this.#catchUp();
  }

  #deliverWaiting(): void {
    while (this.#hasRoom) {
      const publication = this.#nextWaiting();
      if (publication === undefined) break;
      this.#deliver(publication);
    }
    this.#writer.flush();
  }

  async #catchUp(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#missed > 0 && this.#hasRoom && !this.#isEnded) {
        await this.#conversation.parts.turns.take();
        await this.#readPage();
      }
    } catch (error) {
      this.#conversation.broke(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #readPage(): Promise<void> {
    const [destination = ''] = this.#topic.topics;
    const from = this.#next ?? 1;
    const max = this.#window;
    const { pages } = this.#conversation.parts;
    if (this.#isEnded || max === 0) return;
    // What is to be acknowledged has a header of its own; the others get what others got.
    const encodingKey = this.#deliveries === null ? this.#encodingKey : null;
    const recent = encodingKey === null ? undefined : pages.recent(destination, from, encodingKey);
    if (recent !== undefined && this.#writeWhole(recent)) return;

    const page = await pages.read(destination, from, max);
    if (this.#isEnded) return;
    const [first] = page.publications;
    const isOvertaken = from < page.oldest && !this.#mayStartLater;
    if (isOvertaken || (!this.#isLenient && !isWhole(page, Math.max(from, page.oldest)))) {
      this.#conversation.lostHistory(destination, from);
      return;
    }
    if (first?.offset !== from) this.#next = first?.offset ?? page.head + 1;
    const isShared = encodingKey !== null && octetsOfAll(page) <= this.#conversation.roomBytes;
    const encodedPage = isShared ? pages.encode(destination, page, encodingKey) : null;
    if (encodedPage !== null && this.#writeWhole(encodedPage)) return;
    for (const publication of page.publications) {
      // A page of large ones is more than its socket should have to send: the rest is read again.
      if (!this.#hasRoom) break;
      this.#deliver(publication);
    }
    this.#caughtUp();
    this.#writer.flush();
  }

  get #encodingKey(): EncodingKey {
    const { encoding, version } = this.outlet;
    return {
      encoding,
      destinationHeader: this.#topic.destinationHeader,
      subscriptionId: this.#terms.id,
      version,
    };
  }

  /** False: its socket has no room for all of it. */
  #writeWhole({ last, packet }: EncodedPage): boolean {
    if (!this.#hasRoom || packetBytes(packet) > this.#conversation.roomBytes) return false;
    this.outlet.write(packet);
    this.#next = last + 1;
    this.#mayStartLater = false;
    this.#caughtUp();
    return true;
  }

  /** What was committed since it was read, and comes to `take` later, is above all of it. */
  #caughtUp(): void {
    if (this.#next === null || this.#next <= this.#missed) return;
    this.#missed = 0;
    this.#isLenient = false;
  }
}

function weightOf({ message }: Publication): number {
  return OVERHEAD_BYTES + octetsOf(message);
}

/** About what their MESSAGEs have. */
function octetsOfAll({ publications }: HistoryPage): number {
  let octets = 0;
  for (const { message } of publications) octets += octetsOf(message);
  return octets;
}

/** Whether all from a position on is there, to the end of the page. */
function isWhole({ publications }: HistoryPage, from: number): boolean {
  const last = publications.at(-1)?.offset ?? from - 1;
  return publications.length > 0 && publications.length === last - from + 1;
}
