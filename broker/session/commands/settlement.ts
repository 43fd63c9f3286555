import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import type { OwnSubscriptions } from '../subscriptions/own-subscriptions.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';

/** The effect of an ACK or NACK. It may run later, and then settles what is still open. */
export type Settlement = () => void;

/** Throws ProtocolError if the frame names no delivery of this session. */
export function settlementOf(conversation: Conversation, frame: ClientFrame): Settlement {
  return conversation.output.version === '1.2'
    ? settlementById(conversation, frame)
    : settlementByMessage(conversation, frame);
}

/** STOMP 1.2, "ACK": `id` is the `ack` header of the MESSAGE. */
function settlementById({ subscriptions }: Conversation, frame: ClientFrame): Settlement {
  const id = headerOf(frame, h.ID) ?? '';
  const [, name, number] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
  const subscription = subscriptions.named(Number(name));
  // The message was returned to its queue when the subscription ended, so there is nothing to do.
  if (subscription === 'ended') return () => undefined;
  const delivery = Number(number);
  if (subscription !== undefined && subscription.stateOf(delivery) !== 'unknown') {
    return () => subscription.settle(delivery, frame.command === 'ACK');
  }
  return settlementOfOnly(subscriptions, id, frame);
}

/**
 * Some 1.2 clients, such as stomp-php, put the `message-id` where the `ack` header belongs. It
 * names a delivery if only one subscription has it open.
 */
function settlementOfOnly(
  subscriptions: OwnSubscriptions,
  messageId: string,
  frame: ClientFrame,
): Settlement {
  const open = [...subscriptions.acknowledging()].flatMap((subscription) => {
    const delivery = subscription.numberOf(messageId);
    return delivery === null ? [] : [{ delivery, subscription }];
  });
  const [only] = open;
  if (only === undefined || open.length > 1) throw new ProtocolError('NO_SUCH_DELIVERY', messageId);
  return () => only.subscription.settle(only.delivery, frame.command === 'ACK');
}

/**
 * STOMP 1.1, "ACK": by `message-id` and `subscription`. STOMP 1.0 requires only the `message-id`,
 * which is looked up in all subscriptions.
 */
function settlementByMessage({ subscriptions }: Conversation, frame: ClientFrame): Settlement {
  const messageId = headerOf(frame, h.MESSAGE_ID) ?? '';
  const id = headerOf(frame, h.SUBSCRIPTION);
  const candidates =
    id === undefined
      ? subscriptions.acknowledging()
      : [subscriptions.get(subscriptionKey(id, undefined))?.acknowledging];
  for (const subscription of candidates) {
    const delivery = subscription?.numberOf(messageId) ?? null;
    if (delivery !== null) return () => subscription?.settle(delivery, frame.command === 'ACK');
  }
  throw new ProtocolError('NO_SUCH_DELIVERY', messageId);
}
