import type { Publication } from '../engine/engine.ts';
import { HeldOutlet } from '../routing/held-outlet.ts';
import { encodePacket } from '../routing/message-frame.ts';
import { Subscription } from '../routing/subscription-index.ts';
import type { Conversation } from './conversation.ts';
import type { OwnSubscription, SubscriptionTerms } from './own-subscription.ts';

/** A subscription whose deliveries are acknowledged by being sent: it shares bytes with others. */
export class AutoSubscription implements OwnSubscription {
  readonly #conversation: Conversation;
  readonly #held: HeldOutlet;
  readonly #subscriptions: readonly Subscription[];
  readonly #terms: SubscriptionTerms;
  #isReleased = false;

  /**
   * Live at once; until `release` what comes is held.
   *
   * @param topics what it listens to; none for one answer
   * @param shown the `destination` of its MESSAGEs; `null`: where each was published
   */
  constructor(
    conversation: Conversation,
    terms: SubscriptionTerms,
    topics: readonly string[],
    shown: string | null,
  ) {
    this.#conversation = conversation;
    this.#terms = terms;
    this.#held = new HeldOutlet(conversation.outlet);
    this.#subscriptions = topics.map(
      (topic) => new Subscription(topic, terms.id, shown, this.#held),
    );
    for (const subscription of this.#subscriptions) conversation.parts.index.add(subscription);
  }

  release(): void {
    this.#isReleased = true;
    const outlet = this.#held.release();
    for (const subscription of this.#subscriptions) subscription.outlet = outlet;
  }

  tell(publication: Publication): void {
    const { encoding, version } = this.#conversation.outlet;
    const { destination: shown, id: subscriptionId } = this.#terms;
    const packet = encodePacket([publication], { encoding, shown, subscriptionId, version });
    if (this.#isReleased) this.#conversation.write(packet);
    else this.#held.write(packet);
  }

  end(): void {
    for (const subscription of this.#subscriptions) {
      this.#conversation.parts.index.remove(subscription);
    }
  }
}
