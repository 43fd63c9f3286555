import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import type { SessionFact } from '../observer.ts';
import { subscriptionKey } from '../subscriptions/subscription-key.ts';

/** The fact that an observer is told of a frame that was handled; `null`: none. */
export function factOf(
  { caller, subscriptions }: Conversation,
  frame: ClientFrame,
): SessionFact | null {
  const { sessionId, user } = caller;
  const { body, command, headers } = frame;
  const destination = headerOf(frame, h.DESTINATION) ?? null;
  const id = headerOf(frame, h.ID) ?? null;
  const transaction = headerOf(frame, h.TRANSACTION) ?? null;
  switch (command) {
    case 'SEND': {
      const to = destination ?? '';
      return { type: 'sent', body, destination: to, headers, sessionId, transaction, user };
    }
    case 'SUBSCRIBE': {
      const to = destination ?? '';
      // A refused SUBSCRIBE opened nothing.
      const isOpen = subscriptions.get(subscriptionKey(id ?? undefined, to)) !== undefined;
      return isOpen ? { type: 'subscribed', destination: to, id, sessionId, user } : null;
    }
    case 'UNSUBSCRIBE':
      return { type: 'unsubscribed', destination, id, sessionId };
    case 'COMMIT':
      return { type: 'committed', sessionId, transaction: transaction ?? '' };
    case 'ABORT':
      return { type: 'aborted', sessionId, transaction: transaction ?? '' };
    case 'ACK':
    case 'BEGIN':
    case 'CONNECT':
    case 'DISCONNECT':
    case 'NACK':
    case 'STOMP':
      return null;
  }
}
