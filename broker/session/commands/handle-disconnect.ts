import type { ClientFrame } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import { askedOf } from './asked.ts';

/** DISCONNECT. Its RECEIPT confirms all earlier frames (STOMP 1.2, "DISCONNECT"). */
export function handleDisconnect(conversation: Conversation, frame: ClientFrame): void {
  const asked = askedOf(frame);
  conversation.receiptInTurn(asked);
  conversation.session.leave();
}
