import { type Maybe, settle } from '../../maybe.ts';
import type { SubscribePlan } from '../../routing/plans.ts';
import { QUEUE_REFUSALS } from '../../routing/queues.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import type { AckMode } from '../subscriptions/deliveries.ts';
import type { SubscriptionTerms } from '../subscriptions/own-subscription.ts';
import { QueueSubscription } from '../subscriptions/queue-subscription.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';
import { type Asked, askedOf } from './asked.ts';
import { enlist, release } from './enlist.ts';
import { openTopic } from './open-topic.ts';
import { readStart } from './start-position.ts';

/** Handles SUBSCRIBE. Every message published after its RECEIPT was written is delivered. */
export function handleSubscribe(conversation: Conversation, frame: ClientFrame): Maybe<void> {
  const terms = readTerms(conversation, frame);
  const sent = { destination: terms.destination, headers: frame.headers, body: frame.body };
  const asked = askedOf(frame);
  const plan = conversation.parts.router.planSubscribe(sent, conversation.caller);
  return settle(plan, (made) => open(conversation, asked, terms, made));
}

function readTerms(conversation: Conversation, frame: ClientFrame): SubscriptionTerms {
  const destination = headerOf(frame, h.DESTINATION) ?? '';
  const id = headerOf(frame, h.ID);
  const { limits, router } = conversation.parts;
  const { subscriptions } = conversation;
  // STOMP 1.2, "SUBSCRIBE id Header": unique among the open subscriptions of a connection.
  if (subscriptions.get(subscriptionKey(id, destination)) !== undefined) {
    throw new ProtocolError('DUPLICATE_SUBSCRIPTION', id ?? destination);
  }
  if (subscriptions.size >= limits.subscriptionsMax) {
    throw new ProtocolError('TOO_MANY_SUBSCRIPTIONS');
  }
  // Limited, because each gets a copy of every message that differs in `subscription` only.
  const isFull = subscriptions.countAt(destination) >= limits.subscriptionsPerDestinationMax;
  if (isFull && !router.isQueue(destination)) {
    throw new ProtocolError('TOO_MANY_SUBSCRIPTIONS', destination);
  }
  return {
    ackMode: ackModeOf(headerOf(frame, h.ACK)),
    destination,
    id: id ?? null,
    prefetch: prefetchOf(headerOf(frame, h.PREFETCH_COUNT), limits),
    start: readStart(frame),
  };
}

function ackModeOf(mode = 'auto'): AckMode {
  if (mode === 'auto' || mode === 'client' || mode === 'client-individual') return mode;
  throw new ProtocolError('BAD_ACK_MODE', mode);
}

/** RabbitMQ defines this header. There 0 means no limit; here, the largest prefetch allowed. */
function prefetchOf(
  header: string | undefined,
  { prefetchCount, prefetchMax }: { prefetchCount: number; prefetchMax: number },
): number {
  if (header === undefined) return Math.min(prefetchCount, prefetchMax);
  if (!/^\d{1,9}$/.test(header)) throw new ProtocolError('BAD_PREFETCH_COUNT', header);
  return Math.min(Number(header) || prefetchMax, prefetchMax);
}

function open(
  conversation: Conversation,
  asked: Asked,
  terms: SubscriptionTerms,
  plan: SubscribePlan,
): Maybe<void> {
  // The session may have ended while the handler ran.
  if (conversation.isEnded) return;
  switch (plan.type) {
    case 'refused':
      conversation.replies.next(() => conversation.refusals.refuse(asked, plan.code, plan.text));
      return;
    case 'queue':
      if (terms.start.from.type !== 'next') {
        throw new ProtocolError('NOTHING_KEPT', terms.destination);
      }
      openQueue(conversation, asked, terms, plan.queue);
      return;
    case 'answer': {
      const once = { first: plan.body, hasPositions: false, destinationHeader: null, topics: [] };
      const answer = { type: 'topic', hearsErrors: false, ...once } as const;
      return openTopic({ asked, conversation, plan: answer, terms });
    }
    case 'topic':
      return openTopic({ asked, conversation, plan, terms });
  }
}

function openQueue(
  conversation: Conversation,
  asked: Asked,
  terms: SubscriptionTerms,
  name: string,
): void {
  const subscription = new QueueSubscription(conversation.subscriptionParts, terms);
  const { caller, parts } = conversation;
  const queue = parts.queues.subscribe(name, subscription, caller);
  if (typeof queue === 'string') {
    conversation.replies.next(() =>
      conversation.refusals.refuse(asked, queue, QUEUE_REFUSALS[queue]),
    );
    return;
  }
  subscription.consume(queue);
  enlist(conversation, terms, subscription, { first: null, hearsErrors: false });
  release(conversation, asked, terms, subscription);
}
