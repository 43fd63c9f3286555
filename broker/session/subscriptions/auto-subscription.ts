import type { Publication } from '../../engine/engine.ts';
import { HeldOutlet } from '../../routing/held-outlet.ts';
import { Subscription } from '../../routing/subscription-index.ts';
import { formatOf } from '../formats/stomp-format.ts';
import type { OwnSubscription, SubscriptionTerms } from './own-subscription.ts';
import type { SubscriptionParts } from './subscription-parts.ts';

type Parts = Pick<SubscriptionParts, 'index' | 'output' | 'tails'>;

export interface AutoTopics {
  readonly hearsErrors: boolean;
  readonly destinationHeader: string | null;
  readonly topics: readonly string[];
}

/** A topic subscription with `ack:auto`, which shares encoded bytes with others. */
export class AutoSubscription implements OwnSubscription {
  readonly destination: string;
  readonly #hearsErrors: boolean;
  readonly #id: string | null;
  readonly #parts: Parts;
  readonly #subscriptions: readonly Subscription[];
  /** Holds deliveries until `release`; `null` afterwards. */
  #held: HeldOutlet | null;

  /**
   * Joins the fan-out at once; deliveries are held until `release`.
   *
   * @param topics the topics that it joins in the index; none if it gets only a single answer
   * @param destinationHeader of its MESSAGEs; `null`: the destination of each publication
   * @param hearsErrors true: `release` writes held MESSAGEs even if the subscription has ended
   */
  constructor(
    parts: Parts,
    terms: SubscriptionTerms,
    { hearsErrors, destinationHeader, topics }: AutoTopics,
  ) {
    this.#parts = parts;
    this.destination = terms.destination;
    this.#hearsErrors = hearsErrors;
    this.#id = terms.id;
    const held = new HeldOutlet(parts.output);
    this.#held = held;
    const format = formatOf(parts.output, parts.tails, terms.id, destinationHeader);
    this.#subscriptions = topics.map((topic) => new Subscription(topic, format, held));
    for (const subscription of this.#subscriptions) parts.index.add(subscription);
  }

  release(): void {
    if (this.#held === null) return;
    const outlet = this.#held.release();
    this.#held = null;
    for (const subscription of this.#subscriptions) subscription.outlet = outlet;
  }

  tell(publication: Publication): void {
    const { output, tails } = this.#parts;
    const format = formatOf(output, tails, this.#id, this.destination);
    const packet = format.encodePage([publication]);
    if (this.#held === null) output.offer(packet);
    else if (!output.isOverfull) this.#held.write(packet);
  }

  end(): void {
    for (const subscription of this.#subscriptions) this.#parts.index.remove(subscription);
    if (!this.#hearsErrors) this.#held?.drop();
  }
}
