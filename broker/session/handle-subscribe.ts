import { STREAM_OFFSET } from '../../shared/header-names.ts';
import { HeldOutlet } from '../routing/held-outlet.ts';
import type { SubscribePlan } from '../routing/router.ts';
import { Subscription } from '../routing/subscription-index.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import { type Asked, askedOf } from './asked.ts';
import type { Conversation } from './conversation.ts';

interface Subscribing {
  readonly destination: string;
  /** `null`: a 1.0 client gave none. */
  readonly id: string | null;
  /** What UNSUBSCRIBE will call it. */
  readonly key: string;
}

/** SUBSCRIBE. When its RECEIPT is there, nothing that is published afterwards is missed. */
export function handleSubscribe(
  conversation: Conversation,
  frame: ClientFrame,
): void | Promise<void> {
  const subscribing = readSubscribe(conversation, frame);
  const sent = { destination: subscribing.destination, headers: frame.headers, body: frame.body };
  const asked = askedOf(frame);
  const plan = conversation.parts.router.planSubscribe(sent, conversation.caller);
  if (plan instanceof Promise) {
    return plan.then((made) => open(conversation, asked, subscribing, made));
  }
  open(conversation, asked, subscribing, plan);
}

/** In 1.0 a subscription without an id is known by its destination (STOMP 1.0, "SUBSCRIBE"). */
export function subscriptionKey(id: string | undefined, destination: string | undefined): string {
  return id === undefined ? `destination ${destination ?? ''}` : `id ${id}`;
}

function readSubscribe(conversation: Conversation, frame: ClientFrame): Subscribing {
  const destination = headerOf(frame, h.DESTINATION) ?? '';
  const id = headerOf(frame, h.ID);
  const key = subscriptionKey(id, destination);
  checkAckMode(headerOf(frame, h.ACK));
  const start = headerOf(frame, STREAM_OFFSET);
  if (start !== undefined && start !== 'next') {
    throw new ProtocolError('UNSUPPORTED', `${STREAM_OFFSET}:${start}`);
  }
  // STOMP 1.2, "SUBSCRIBE id Header": unique among the open ones of the connection.
  if (conversation.subscriptions.has(key)) throw new ProtocolError('DUPLICATE_SUBSCRIPTION', id);
  if (conversation.subscriptions.size >= conversation.parts.limits.subscriptionsMax) {
    throw new ProtocolError('TOO_MANY_SUBSCRIPTIONS');
  }
  return { destination, id: id ?? null, key };
}

function checkAckMode(mode: string | undefined): void {
  if (mode === undefined || mode === 'auto') return;
  const isKnown = mode === 'client' || mode === 'client-individual';
  throw new ProtocolError(isKnown ? 'UNSUPPORTED' : 'BAD_ACK_MODE', `ack:${mode}`);
}

function open(
  conversation: Conversation,
  asked: Asked,
  { destination, id, key }: Subscribing,
  plan: SubscribePlan,
): void {
  // The handler may have taken longer than the session lived.
  if (conversation.isEnded) return;
  switch (plan.type) {
    case 'refused':
      conversation.replies.next(() => conversation.refuse(asked, plan.code, plan.text));
      return;
    case 'errors':
      conversation.subscriptions.set(key, null);
      conversation.listenToErrors(key, id);
      conversation.replies.next(() => conversation.receipt(asked));
      return;
    case 'answer':
      conversation.subscriptions.set(key, null);
      conversation.replies.next(() => {
        conversation.receipt(asked);
        if (plan.body !== null) conversation.tell(destination, id, plan.body);
      });
      return;
    case 'topic':
      openTopic(conversation, asked, { destination, id, key }, plan.first);
  }
}

/** It is live at once; until its RECEIPT may be said, what comes is held. */
function openTopic(
  conversation: Conversation,
  asked: Asked,
  { destination, id, key }: Subscribing,
  first: Buffer | null,
): void {
  const held = new HeldOutlet(conversation.outlet);
  const subscription = new Subscription(destination, id, held);
  conversation.subscriptions.set(key, subscription);
  conversation.parts.index.add(subscription);
  conversation.replies.next(() => {
    conversation.receipt(asked);
    // It may have been ended while it waited.
    if (conversation.subscriptions.get(key) !== subscription) return;
    if (first !== null) conversation.tell(destination, id, first);
    subscription.outlet = held.release();
  });
}
