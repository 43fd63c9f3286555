import type { Publication } from '../../engine/engine.ts';
import type { Consumer, Queued } from '../../routing/consumer.ts';
import type { Queue } from '../../routing/queue.ts';
import type { Header } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import { formatOf } from '../formats/stomp-format.ts';
import { Deliveries, type DeliveryState } from './deliveries.ts';
import { DeliveryWriter, type WriterParts } from './delivery-writer.ts';
import type { Acknowledging, OwnSubscription, SubscriptionTerms } from './own-subscription.ts';
import type { SubscriptionParts } from './subscription-parts.ts';

type Parts = WriterParts & Pick<SubscriptionParts, 'replies' | 'tails'>;

const REDELIVERED: Header = [h.REDELIVERED, 'true'];

/**
 * A consumer of a queue. It takes messages while the session has delivery credit and, unless its
 * mode is `auto`, while its window is open.
 */
export class QueueSubscription implements Acknowledging, Consumer, OwnSubscription {
  readonly acknowledging?: Acknowledging;
  readonly #deliveries: Deliveries<Queued> | null;
  readonly destination: string;
  readonly #parts: Parts;
  readonly #ready = () => this.#queue?.ready(this);
  readonly #writer: DeliveryWriter;
  #isEnded = false;
  #isReleased = false;
  #queue: Queue | null = null;

  constructor(parts: Parts, { ackMode, destination, id, prefetch }: SubscriptionTerms) {
    this.#parts = parts;
    this.destination = destination;
    const format = formatOf(parts.output, parts.tails, id, null);
    this.#writer = new DeliveryWriter(parts, format);
    this.#deliveries = ackMode === 'auto' ? null : new Deliveries(ackMode, prefetch);
    if (ackMode !== 'auto') this.acknowledging = this;
  }

  /** Sets the queue that it consumes from. */
  consume(queue: Queue): void {
    this.#queue = queue;
  }

  get name(): number {
    return this.#writer.name;
  }

  get hasRoom(): boolean {
    const { credit } = this.#parts;
    if (!this.#isReleased || this.#isEnded || credit.isClosed) return false;
    const hasWindow = this.#deliveries === null || this.#deliveries.room > 0;
    return hasWindow && credit.isAvailable;
  }

  take(queued: Queued): boolean {
    const { deliveries, id, message } = queued;
    const number = this.#deliveries === null ? null : this.#deliveries.open(id, queued);
    if (number !== null) this.#parts.credit.reserve(1);
    const publication: Publication = {
      id,
      destination: this.destination,
      message,
      offset: null,
      isEphemeral: false,
    };
    this.#writer.add(publication, number, deliveries > 1 ? [REDELIVERED] : []);
    return number === null;
  }

  flush(): void {
    if (!this.#writer.flush()) this.#parts.output.shed();
  }

  release(): void {
    this.#isReleased = true;
    this.#parts.credit.onFreed(this.#ready);
    this.#ready();
  }

  tell(publication: Publication): void {
    this.#writer.add(publication, null);
    this.flush();
  }

  stateOf(delivery: number): DeliveryState {
    return this.#deliveries?.stateOf(delivery) ?? 'unknown';
  }

  numberOf(messageId: string): number | null {
    return this.#deliveries?.numberOf(messageId) ?? null;
  }

  settle(delivery: number, isAck: boolean): void {
    const settled = this.#deliveries?.settle(delivery) ?? [];
    this.#parts.credit.release(settled.length);
    for (const queued of settled) {
      if (isAck) this.#queue?.acknowledge(queued);
      else this.#queue?.reject(queued, this);
    }
    this.#ready();
  }

  end(): void {
    this.#isEnded = true;
    const { credit, replies } = this.#parts;
    credit.offFreed(this.#ready);
    // In turn: the ACKs of an earlier COMMIT wait for the append that they belong to.
    replies.next(() => {
      const open = this.#deliveries?.clear() ?? [];
      credit.release(open.length);
      this.#queue?.remove(this, open);
    });
  }
}
