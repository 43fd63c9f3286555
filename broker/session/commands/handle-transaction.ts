// BEGIN, COMMIT and ABORT. The frames of a transaction have no effect before its COMMIT. Then all
// handlers run first, and only plan what to publish; if one of them or the broker refuses a frame,
// the whole transaction is refused. The plans are executed as one append, and after it come the
// queues, the ACKs and the handlers' callbacks.

import { type Accepted, accepted, giveUp, mergePlans } from '../../routing/plans.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import { weightOf } from '../flow/input-reader.ts';
import { Pieces } from '../flow/input-turns.ts';
import { type Asked, askedOf } from './asked.ts';
import { commit } from './commit.ts';
import { planSend } from './plan-send.ts';
import { settlementOf } from './settlement.ts';

/**
 * Holds a SEND, ACK or NACK that belongs to a transaction. Its RECEIPT confirms that it is held;
 * the RECEIPT of the COMMIT confirms its effect. False: the frame belongs to no transaction.
 */
export function holdInTransaction(conversation: Conversation, frame: ClientFrame): boolean {
  const id = headerOf(frame, h.TRANSACTION);
  if (id === undefined) return false;
  conversation.transactions.add(id, frame);
  receipt(conversation, frame);
  return true;
}

export function handleBegin(conversation: Conversation, frame: ClientFrame): void {
  conversation.transactions.begin(transactionOf(frame));
  receipt(conversation, frame);
}

export function handleAbort(conversation: Conversation, frame: ClientFrame): void {
  conversation.transactions.end(transactionOf(frame));
  receipt(conversation, frame);
}

export function handleCommit(conversation: Conversation, frame: ClientFrame): Promise<void> {
  const asked = askedOf(frame, conversation.subscriptions.errorListener);
  const { transactions } = conversation;
  const held = transactions.take(transactionOf(frame));
  return carryOut(conversation, asked, held.frames).finally(() => transactions.release(held));
}

async function carryOut(
  conversation: Conversation,
  asked: Asked,
  frames: readonly ClientFrame[],
): Promise<void> {
  const plans: Accepted[] = [];
  const pieces = new Pieces(conversation.parts.inputTurns, conversation.client);
  // Reserved now, so that the session cannot end before its COMMIT has taken effect.
  const reply = conversation.replies.reserve();
  try {
    for (const held of frames) {
      // The handlers of a large transaction take long, so other sessions get turns in between.
      if (pieces.isOver(weightOf(held))) await pieces.next();
      if (held.command !== 'SEND') {
        plans.push(accepted({ committed: [settlementOf(conversation, held)] }));
        continue;
      }
      const plan = await planSend(conversation, held);
      if (plan.type === 'refused') {
        giveUp(plans);
        const refused: Asked = { ...asked, destination: headerOf(held, h.DESTINATION) };
        reply(() => conversation.refusals.refuse(refused, plan.code, plan.text));
        return;
      }
      plans.push(plan);
    }
  } catch (error) {
    giveUp(plans);
    reply(() => undefined);
    throw error;
  }
  commit(conversation, { asked, plan: mergePlans(plans), tellsPosition: false }, reply);
}

function transactionOf(frame: ClientFrame): string {
  return headerOf(frame, h.TRANSACTION) ?? '';
}

function receipt(conversation: Conversation, frame: ClientFrame): void {
  const asked = askedOf(frame);
  conversation.receiptInTurn(asked);
}
