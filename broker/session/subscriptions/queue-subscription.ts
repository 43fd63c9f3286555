import type { Publication } from '../../engine/engine.ts';
import type { Consumer, Queued } from '../../routing/consumer.ts';
import type { Queue } from '../../routing/queue.ts';
import type { Header } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import { Deliveries, type DeliveryState } from './deliveries.ts';
import { DeliveryWriter } from './delivery-writer.ts';
import type { Acknowledging, OwnSubscription, SubscriptionTerms } from './own-subscription.ts';

const REDELIVERED: Header = [h.REDELIVERED, 'true'];

/**
 * A consumer of a queue. With `auto` it takes while its socket has room, with acknowledgements
 * while its window has room as well.
 */
export class QueueSubscription implements Acknowledging, Consumer, OwnSubscription {
  readonly acknowledging?: Acknowledging;
  readonly #conversation: Conversation;
  readonly #deliveries: Deliveries<Queued> | null;
  readonly destination: string;
  readonly #ready = () => this.#queue?.ready(this);
  readonly #writer: DeliveryWriter;
  #isEnded = false;
  #isReleased = false;
  #queue: Queue | null = null;

  constructor(
    conversation: Conversation,
    { ackMode, destination, id, prefetch }: SubscriptionTerms,
  ) {
    this.#conversation = conversation;
    this.destination = destination;
    this.#writer = new DeliveryWriter(conversation, id, null);
    this.#deliveries = ackMode === 'auto' ? null : new Deliveries(ackMode, prefetch);
    if (ackMode !== 'auto') this.acknowledging = this;
  }

  /** The queue that it was added to. */
  consumes(queue: Queue): void {
    this.#queue = queue;
  }

  get name(): number {
    return this.#writer.name;
  }

  get hasRoom(): boolean {
    if (!this.#isReleased || this.#isEnded || this.#conversation.isEnded) return false;
    const hasWindow = this.#deliveries === null || this.#deliveries.room > 0;
    return hasWindow && this.#conversation.takesMore;
  }

  take(queued: Queued): boolean {
    const { deliveries, id, message } = queued;
    const number = this.#deliveries === null ? null : this.#deliveries.open(id, queued);
    if (number !== null) this.#conversation.opens(1);
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
    if (!this.#writer.flush()) this.#conversation.outlet.shed();
  }

  release(): void {
    this.#isReleased = true;
    this.#conversation.onDrained(this.#ready);
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
    this.#conversation.opens(-settled.length);
    for (const queued of settled) {
      if (isAck) this.#queue?.acknowledge(queued);
      else this.#queue?.reject(queued, this);
    }
    this.#ready();
  }

  end(): void {
    this.#isEnded = true;
    this.#conversation.offDrained(this.#ready);
    // In its turn: the ACKs of a COMMIT before it may have to wait for what is committed with them.
    this.#conversation.replies.next(() => {
      const open = this.#deliveries?.clear() ?? [];
      this.#conversation.opens(-open.length);
      this.#queue?.remove(this, open);
    });
  }
}
