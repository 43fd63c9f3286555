import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame } from '../stomp/frame.ts';
import type { Conversation } from './conversation.ts';
import { handleAck } from './handle-ack.ts';
import { handleDisconnect } from './handle-disconnect.ts';
import { handleSend } from './handle-send.ts';
import { handleSubscribe } from './handle-subscribe.ts';
import { handleAbort, handleBegin, handleCommit } from './handle-transaction.ts';
import { handleUnsubscribe } from './handle-unsubscribe.ts';

/**
 * Does what a frame of a connected client asks. A promise: the next frame waits for it. Throws
 * ProtocolError where the frame may not be.
 */
export function handleRequest(
  conversation: Conversation,
  frame: ClientFrame,
): void | Promise<void> {
  switch (frame.command) {
    case 'SEND':
      return handleSend(conversation, frame);
    case 'SUBSCRIBE':
      return handleSubscribe(conversation, frame);
    case 'UNSUBSCRIBE':
      return handleUnsubscribe(conversation, frame);
    case 'DISCONNECT':
      return handleDisconnect(conversation, frame);
    case 'ACK':
    case 'NACK':
      return handleAck(conversation, frame);
    case 'BEGIN':
      return handleBegin(conversation, frame);
    case 'COMMIT':
      return handleCommit(conversation, frame);
    case 'ABORT':
      return handleAbort(conversation, frame);
    case 'CONNECT':
    case 'STOMP':
      throw new ProtocolError('ALREADY_CONNECTED');
  }
}
