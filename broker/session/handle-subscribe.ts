import { STREAM_OFFSET } from '../../shared/header-names.ts';
import { isPattern } from '../routing/pattern.ts';
import type { SubscribePlan } from '../routing/plans.ts';
import { QUEUE_REFUSALS } from '../routing/queues.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import { AckedSubscription } from './acked-subscription.ts';
import { type Asked, askedOf } from './asked.ts';
import { AutoSubscription } from './auto-subscription.ts';
import type { Conversation } from './conversation.ts';
import type { AckMode } from './deliveries.ts';
import type { OwnSubscription, SubscriptionTerms } from './own-subscription.ts';
import { QueueSubscription } from './queue-subscription.ts';
import { subscriptionKey } from './subscription-key.ts';

type TopicPlan = Extract<SubscribePlan, { readonly type: 'topic' }>;

/** SUBSCRIBE. When its RECEIPT is there, nothing that is published afterwards is missed. */
export function handleSubscribe(
  conversation: Conversation,
  frame: ClientFrame,
): void | Promise<void> {
  const terms = readTerms(conversation, frame);
  const sent = { destination: terms.destination, headers: frame.headers, body: frame.body };
  const asked = askedOf(frame);
  const plan = conversation.parts.router.planSubscribe(sent, conversation.caller);
  if (plan instanceof Promise) return plan.then((made) => open(conversation, asked, terms, made));
  open(conversation, asked, terms, plan);
}

function readTerms(conversation: Conversation, frame: ClientFrame): SubscriptionTerms {
  const destination = headerOf(frame, h.DESTINATION) ?? '';
  const id = headerOf(frame, h.ID);
  const start = headerOf(frame, STREAM_OFFSET);
  if (start !== undefined && start !== 'next') {
    throw new ProtocolError('UNSUPPORTED', `${STREAM_OFFSET}:${start}`);
  }
  const { limits } = conversation.parts;
  const { subscriptions } = conversation;
  // STOMP 1.2, "SUBSCRIBE id Header": unique among the open ones of the connection.
  if (subscriptions.get(subscriptionKey(id, destination)) !== undefined) {
    throw new ProtocolError('DUPLICATE_SUBSCRIPTION', id ?? destination);
  }
  if (subscriptions.size >= limits.subscriptionsMax) {
    throw new ProtocolError('TOO_MANY_SUBSCRIPTIONS');
  }
  return {
    ackMode: ackModeOf(headerOf(frame, h.ACK)),
    destination,
    id: id ?? null,
    prefetch: prefetchOf(headerOf(frame, h.PREFETCH_COUNT), limits),
  };
}

function ackModeOf(mode = 'auto'): AckMode {
  if (mode === 'auto' || mode === 'client' || mode === 'client-individual') return mode;
  throw new ProtocolError('BAD_ACK_MODE', mode);
}

/** As RabbitMQ names it; 0 means there as many as it likes, here as many as there may be. */
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
): void {
  // The handler may have taken longer than the session lived.
  if (conversation.isEnded) return;
  switch (plan.type) {
    case 'refused':
      conversation.replies.next(() => conversation.refuse(asked, plan.code, plan.text));
      return;
    case 'queue':
      openQueue(conversation, asked, terms, plan.queue);
      return;
    case 'answer': {
      const once = { first: plan.body, hasPositions: false, shown: null, topics: [] };
      openTopic(conversation, asked, terms, { type: 'topic', hearsErrors: false, ...once });
      return;
    }
    case 'topic':
      openTopic(conversation, asked, terms, plan);
  }
}

function openTopic(
  conversation: Conversation,
  asked: Asked,
  terms: SubscriptionTerms,
  plan: TopicPlan,
): void {
  const { first, hearsErrors, topics } = plan;
  checkPatterns(conversation, topics);
  const subscription =
    terms.ackMode === 'auto'
      ? new AutoSubscription(conversation, terms, plan.topics, plan.shown)
      : new AckedSubscription(conversation, terms, plan);
  start(conversation, asked, terms, subscription, { first, hearsErrors });
}

/** All patterns together stand in one tree, so their number is bounded over all sessions. */
function checkPatterns(
  { parts: { index, limits } }: Conversation,
  topics: readonly string[],
): void {
  const isNew = topics.some((topic) => isPattern(topic) && !index.has(topic));
  if (isNew && index.patternCount >= limits.patternsMax) {
    throw new ProtocolError('TOO_MANY_PATTERNS');
  }
}

function openQueue(
  conversation: Conversation,
  asked: Asked,
  terms: SubscriptionTerms,
  name: string,
): void {
  const subscription = new QueueSubscription(conversation, terms);
  const queue = conversation.parts.queues.subscribe(name, subscription);
  if (typeof queue === 'string') {
    conversation.replies.next(() => conversation.refuse(asked, queue, QUEUE_REFUSALS[queue]));
    return;
  }
  subscription.consumes(queue);
  start(conversation, asked, terms, subscription, { first: null, hearsErrors: false });
}

/** It is live at once; until its RECEIPT may be said, what comes is held. */
function start(
  conversation: Conversation,
  asked: Asked,
  { destination, id }: SubscriptionTerms,
  subscription: OwnSubscription,
  { first, hearsErrors }: Pick<TopicPlan, 'first' | 'hearsErrors'>,
): void {
  const key = subscriptionKey(id ?? undefined, destination);
  conversation.subscriptions.add(key, subscription, hearsErrors);
  // It comes before whatever is published from now on.
  if (first !== null) subscription.tell(conversation.messageOf(destination, first));
  conversation.replies.next(() => {
    conversation.receipt(asked);
    // It may have been ended while it waited.
    if (conversation.subscriptions.get(key) !== subscription) return;
    subscription.release();
  });
}
