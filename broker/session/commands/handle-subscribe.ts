import { RECOVERED, STREAM_EPOCH, STREAM_OFFSET } from '../../../shared/header-names.ts';
import { isPattern } from '../../routing/pattern.ts';
import type { SubscribePlan } from '../../routing/plans.ts';
import { QUEUE_REFUSALS } from '../../routing/queues.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, type Header, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import { AutoSubscription } from '../subscriptions/auto-subscription.ts';
import type { AckMode } from '../subscriptions/deliveries.ts';
import type { OwnSubscription, SubscriptionTerms } from '../subscriptions/own-subscription.ts';
import { PacedSubscription } from '../subscriptions/paced-subscription.ts';
import { QueueSubscription } from '../subscriptions/queue-subscription.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';
import { type Asked, askedOf } from './asked.ts';
import { type ResolvedStart, readStart, resolveStart } from './start-position.ts';

type TopicPlan = Extract<SubscribePlan, { readonly type: 'topic' }>;

/** What a subscription begins with. */
interface Beginning extends Pick<TopicPlan, 'first' | 'hearsErrors'> {
  /** Of its RECEIPT. */
  readonly headers: readonly Header[];
}

const NOTHING_MORE: Beginning = { first: null, headers: [], hearsErrors: false };

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
  const { limits, router } = conversation.parts;
  const { subscriptions } = conversation;
  // STOMP 1.2, "SUBSCRIBE id Header": unique among the open ones of the connection.
  if (subscriptions.get(subscriptionKey(id, destination)) !== undefined) {
    throw new ProtocolError('DUPLICATE_SUBSCRIPTION', id ?? destination);
  }
  if (subscriptions.size >= limits.subscriptionsMax) {
    throw new ProtocolError('TOO_MANY_SUBSCRIPTIONS');
  }
  // Each gets a copy of every message, of which only the `subscription` header differs.
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
  const { first, hasPositions, hearsErrors, destinationHeader, topics } = plan;
  const resolvedStart = verdictFor(conversation, terms, plan);
  if (isPattern(terms.destination)) conversation.subscriptions.openPattern(terms.destination);
  const isBehind = resolvedStart !== null && resolvedStart.next <= resolvedStart.head;
  const subscription =
    terms.ackMode === 'auto' && !isBehind
      ? new AutoSubscription(conversation.subscriptionParts, terms, plan)
      : new PacedSubscription(conversation.subscriptionParts, terms, {
          hasPositions,
          destinationHeader,
          start: resolvedStart,
          topics,
        });
  const headers =
    resolvedStart === null ? [] : headersOf(resolvedStart, conversation.parts.engine.epoch);
  start(conversation, asked, terms, subscription, { first, hearsErrors, headers });
}

/** `null`: nothing is kept there, so it starts with what comes. */
function verdictFor(
  { parts: { engine } }: Conversation,
  { destination, start: wanted }: SubscriptionTerms,
  { hasPositions, topics: [topic = ''] }: TopicPlan,
): ResolvedStart | null {
  const ends = hasPositions ? engine.ends(topic) : null;
  if (ends !== null) {
    return resolveStart(wanted, ends, (offset, epoch = engine.epoch) =>
      engine.resolve(topic, { epoch, offset }),
    );
  }
  if (wanted.from.type !== 'next') throw new ProtocolError('NOTHING_KEPT', destination);
  return null;
}

function headersOf({ head, isRecovered }: ResolvedStart, epoch: string): Header[] {
  return [
    [STREAM_EPOCH, epoch],
    [STREAM_OFFSET, String(head)],
    [RECOVERED, String(isRecovered)],
  ];
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
  start(conversation, asked, terms, subscription, NOTHING_MORE);
}

/** It is live at once; until its RECEIPT may be said, what comes is held. */
function start(
  conversation: Conversation,
  asked: Asked,
  { destination, id }: SubscriptionTerms,
  subscription: OwnSubscription,
  { first, headers, hearsErrors }: Beginning,
): void {
  const key = subscriptionKey(id ?? undefined, destination);
  conversation.subscriptions.add(key, subscription, hearsErrors);
  // It comes before whatever is published from now on.
  if (first !== null) subscription.tell(conversation.messages.create(destination, first));
  conversation.replies.next(() => {
    conversation.receipt(asked, headers);
    // It may have been ended while it waited; a refusal of before that is still told.
    const isOpen = conversation.subscriptions.get(key) === subscription;
    if (isOpen || hearsErrors) subscription.release();
  });
}
