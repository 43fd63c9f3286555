import type { ClientFrame } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import { askedOf } from './asked.ts';
import { settlementOf } from './settlement.ts';

/** ACK and NACK (STOMP 1.2, "ACK", "NACK"). */
export function handleAck(conversation: Conversation, frame: ClientFrame): void {
  settlementOf(conversation, frame)();
  const asked = askedOf(frame);
  conversation.receiptInTurn(asked);
}
