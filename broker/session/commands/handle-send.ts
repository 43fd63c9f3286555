import type { SendPlan } from '../../routing/plans.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';
import { type Asked, askedOf } from './asked.ts';
import { commit, type Reply } from './commit.ts';
import { holdInTransaction } from './handle-transaction.ts';

const NOTHING: readonly (() => void)[] = [];

/**
 * SEND. The next frame of the session may start when the handler has returned; the reply waits
 * for the commit, in its turn.
 */
export function handleSend(conversation: Conversation, frame: ClientFrame): void | Promise<void> {
  if (holdInTransaction(conversation, frame)) return;
  const asked = askedOf(frame, conversation.subscriptions.errorListener);
  const plan = planOf(conversation, frame);
  // Kept from here on, so that the end of the session comes after what it sent.
  const reply = conversation.replies.reserve();
  if (!(plan instanceof Promise)) {
    carryOut(conversation, asked, plan, reply);
    return;
  }
  return plan.then(
    (made) => carryOut(conversation, asked, made, reply),
    (error: unknown) => {
      reply(() => undefined);
      throw error;
    },
  );
}

/** What the SEND comes to; throws ProtocolError where no message can go. */
export function planOf(
  { caller, parts }: Conversation,
  frame: ClientFrame,
): SendPlan | Promise<SendPlan> {
  const destination = headerOf(frame, h.DESTINATION) ?? '';
  return parts.router.planSend({ destination, headers: frame.headers, body: frame.body }, caller);
}

function carryOut(conversation: Conversation, asked: Asked, plan: SendPlan, reply: Reply): void {
  if (plan.type === 'refused') {
    reply(() => conversation.refuse(asked, plan.code, plan.text));
    return;
  }
  const { entries, facts, puts } = plan;
  const committed = plan.committed === undefined ? NOTHING : [plan.committed];
  const cancelled = plan.cancelled === undefined ? NOTHING : [plan.cancelled];
  const tellsPosition = true;
  commit(conversation, { asked, entries, facts, puts, committed, cancelled, tellsPosition }, reply);
}
