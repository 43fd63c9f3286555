import type { Header } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import type { OwnSubscription, SubscriptionTerms } from '../subscriptions/own-subscription.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';
import type { Asked } from './asked.ts';

type Named = Pick<SubscriptionTerms, 'destination' | 'id'>;

/** A subscription's first message, and whether it hears the refusals of its session. */
export interface Beginning {
  readonly first: Buffer | null;
  readonly hearsErrors: boolean;
}

/** Makes a subscription one of its session's: it is live from here on, and holds what comes. */
export function enlist(
  conversation: Conversation,
  { destination, id }: Named,
  subscription: OwnSubscription,
  { first, hearsErrors }: Beginning,
): void {
  const key = subscriptionKey(id ?? undefined, destination);
  conversation.subscriptions.add(key, subscription, hearsErrors);
  // It comes before whatever is published from now on.
  if (first !== null) subscription.tell(conversation.messages.create(destination, first));
}

/** Says the RECEIPT of its SUBSCRIBE in turn, and then what the subscription holds. */
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
    // It may have been ended while it waited; a refusal of before that is still told.
    const isOpen = subscriptions.get(key) === subscription;
    if (isOpen || hearsErrors) subscription.release();
  });
}
