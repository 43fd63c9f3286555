import { type Maybe, settle } from '../../maybe.ts';
import { checkFrame } from '../../stomp/commands.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import type { ClientFrame } from '../../stomp/frame.ts';
import { heapBytesOf } from '../../stomp/heap-bytes.ts';
import type { Conversation } from '../conversation.ts';
import { handleAck } from './handle-ack.ts';
import { handleDisconnect } from './handle-disconnect.ts';
import { handleSend } from './handle-send.ts';
import { handleSubscribe } from './handle-subscribe.ts';
import { handleAbort, handleBegin, handleCommit, holdInTransaction } from './handle-transaction.ts';
import { handleUnsubscribe } from './handle-unsubscribe.ts';
import { factOf } from './session-facts.ts';

/**
 * Handles a frame of a connected client as soon as its rate allows. If this returns a promise, the
 * next frame waits for it. Throws ProtocolError if the frame is not allowed.
 */
export function handleInRate(conversation: Conversation, frame: ClientFrame): Maybe<void> {
  checkFrame(frame, conversation.output.version);
  const waits = conversation.throttle.admit(frame);
  if (!(waits instanceof Promise)) return handleObserved(conversation, frame);
  // The memory budget counts the frame while it waits.
  const bytes = heapBytesOf(frame);
  conversation.memory.count(bytes);
  return waits.then(() => {
    conversation.memory.count(-bytes);
    return handleObserved(conversation, frame);
  });
}

function handleObserved(conversation: Conversation, frame: ClientFrame): Maybe<void> {
  // The session may have ended while the frame waited for its rate.
  if (conversation.isEnded) return;
  const { observer } = conversation.parts;
  const waits = handleRequest(conversation, frame);
  if (observer === null) return waits;
  return settle(waits, () => {
    const fact = factOf(conversation, frame);
    if (fact !== null) observer.observe(fact);
  });
}

/**
 * Dispatches a frame of a connected client by its command. If this returns a promise, the next
 * frame waits for it. Throws ProtocolError if the frame is not allowed.
 */
function handleRequest(conversation: Conversation, frame: ClientFrame): void | Promise<void> {
  switch (frame.command) {
    case 'SEND':
      return holdInTransaction(conversation, frame) ? undefined : handleSend(conversation, frame);
    case 'SUBSCRIBE':
      return handleSubscribe(conversation, frame);
    case 'UNSUBSCRIBE':
      return handleUnsubscribe(conversation, frame);
    case 'DISCONNECT':
      return handleDisconnect(conversation, frame);
    case 'ACK':
    case 'NACK':
      return holdInTransaction(conversation, frame) ? undefined : handleAck(conversation, frame);
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
