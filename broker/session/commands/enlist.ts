import type { Header } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import type { OwnSubscription, SubscriptionTerms } from '../subscriptions/own-subscription.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';
import type { Asked } from './asked.ts';

type Named = Pick<SubscriptionTerms, 'destination' | 'id'>;

/** The first message of a subscription, and whether it receives the refusals of its session. */
export interface Beginning {
  readonly first: Buffer | null;
  readonly hearsErrors: boolean;
}

/** Adds a subscription to its session: it is live from here on, and holds its deliveries. */
export function enlist(
  conversation: Conversation,
  { destination, id }: Named,
  subscription: OwnSubscription,
  { first, hearsErrors }: Beginning,
): void {
  const key = subscriptionKey(id ?? undefined, destination);
  conversation.subscriptions.add(key, subscription, hearsErrors);
  // Delivered ahead of everything that is published from now on.
  if (first !== null) subscription.tell(conversation.messages.create(destination, first));
}

/** Writes the RECEIPT of the SUBSCRIBE in turn, and then the deliveries that were held. */
export function release(
  conversation: Conversation,
  asked: Asked,
  { destination, id }: Named,
  subscription: OwnSubscription,
  headers: readonly Header[] = [],
): void {
  const { subscriptions } = conversation;
  const key = subscriptionKey(id ?? undefined, destination);
  const hearsErrors = subscriptions.hearsErrors(subscription);
  conversation.replies.next(() => {
    conversation.receipt(asked, headers);
    // The subscription may have ended meanwhile; refusals that it holds are still written.
    const isOpen = subscriptions.get(key) === subscription;
    if (isOpen || hearsErrors) subscription.release();
  });
}
