import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';
import { askedOf } from './asked.ts';

/** UNSUBSCRIBE. No further MESSAGE is written for the subscription (STOMP 1.2, "UNSUBSCRIBE"). */
export function handleUnsubscribe(conversation: Conversation, frame: ClientFrame): void {
  const [id, destination] = [headerOf(frame, h.ID), headerOf(frame, h.DESTINATION)];
  const key = subscriptionKey(id, destination);
  if (conversation.subscriptions.get(key) === undefined) {
    throw new ProtocolError('NO_SUCH_SUBSCRIPTION', id ?? destination);
  }
  conversation.subscriptions.remove(key);
  const asked = askedOf(frame);
  conversation.receiptInTurn(asked);
}
