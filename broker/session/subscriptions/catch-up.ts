import { octetsOf } from '../../../shared/octets.ts';
import type { HistoryPage, Publication } from '../../engine/engine.ts';
import { packetBytes } from '../../packet.ts';
import type { EncodedPage } from '../../routing/history-pages.ts';
import { errorFrame } from '../failure.ts';
import type { StompFormat } from '../formats/stomp-format.ts';
import type { StreamCursor } from './stream-cursor.ts';
import type { SubscriptionParts } from './subscription-parts.ts';

type Parts = Pick<SubscriptionParts, 'credit' | 'output' | 'pages' | 'session' | 'turns'>;

/** The subscription that catches up. */
export interface CatchingUp {
  readonly cursor: StreamCursor;
  /** The destination of the stream that is read. */
  readonly topic: string;
  readonly hasRoom: boolean;
  readonly isEnded: boolean;
  /** The format whose pages it shares; `null`: its MESSAGEs have headers of their own. */
  readonly sharedFormat: StompFormat | null;
  /** The number of messages that may be delivered before an acknowledgement. */
  readonly window: number;
  deliver(publication: Publication): void;
  /** Writes the deliveries that were encoded. */
  flush(): void;
}

/**
 * Reads the messages that one subscription has missed from the history, in pages and fair turns.
 */
export class CatchUp {
  readonly #parts: Parts;
  readonly #subscription: CatchingUp;
  #isReading = false;

  constructor(parts: Parts, subscription: CatchingUp) {
    this.#parts = parts;
    this.#subscription = subscription;
  }

  /**
   * Reads until nothing is missing or the subscription has no room; then it must be called again.
   */
  run(): void {
    if (!this.#isReading && this.#isNeeded) void this.#readPages();
  }

  get #isNeeded(): boolean {
    const { cursor, hasRoom, isEnded } = this.#subscription;
    return cursor.isBehind && hasRoom && !isEnded;
  }

  async #readPages(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#isNeeded) {
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
    const { cursor, sharedFormat, topic, window } = this.#subscription;
    const { credit, pages } = this.#parts;
    const from = cursor.next;
    if (this.#subscription.isEnded || window === 0) return;
    const found = sharedFormat === null ? undefined : pages.recent(topic, from, sharedFormat);
    const recent = found instanceof Promise ? await found : found;
    if (this.#subscription.isEnded) return;
    if (recent !== undefined && this.#writeWhole(recent)) return;

    const page = await pages.read(topic, from, window);
    if (this.#subscription.isEnded) return;
    if (!cursor.accept(page)) {
      this.#failAt(from);
      return;
    }
    const isShared = sharedFormat !== null && octetsOfAll(page) <= credit.roomBytes;
    const encodedPage = isShared ? pages.encode(topic, page, sharedFormat) : null;
    if (encodedPage === null || !this.#writeWhole(encodedPage)) this.#deliverPart(page);
  }

  /**
   * Ends the session, because messages that a subscription is owed must not be skipped silently.
   */
  #failAt(offset: number): void {
    const text = `${this.#subscription.topic} no longer keeps the message at ${offset}`;
    this.#parts.session.fail(errorFrame('HISTORY_LOST', text), 'HISTORY_LOST');
  }

  /** False: the socket has no room for the whole page. */
  #writeWhole({ last, packet }: EncodedPage): boolean {
    const { cursor, hasRoom } = this.#subscription;
    const { credit, output } = this.#parts;
    if (!hasRoom || packetBytes(packet) > credit.roomBytes) return false;
    output.write(packet);
    cursor.advance(last);
    cursor.checkCaughtUp();
    return true;
  }

  /** Delivers as much of the page as there is room for; the rest is read again later. */
  #deliverPart({ publications }: HistoryPage): void {
    const subscription = this.#subscription;
    for (const publication of publications) {
      if (!subscription.hasRoom) break;
      subscription.deliver(publication);
    }
    subscription.cursor.checkCaughtUp();
    subscription.flush();
  }
}

/** Roughly the octets of the page's MESSAGEs. */
function octetsOfAll({ publications }: HistoryPage): number {
  let octets = 0;
  for (const { message } of publications) octets += octetsOf(message);
  return octets;
}
