import type { SendPlan } from '../../routing/plans.ts';
import type { ClientFrame } from '../../stomp/frame.ts';
import type { Conversation } from '../conversation.ts';
import { type Asked, askedOf } from './asked.ts';
import { commit, type Reply } from './commit.ts';
import { planSend } from './plan-send.ts';

/**
 * SEND. The next frame of the session is handled as soon as the handler has returned; the reply
 * waits for the commit, and for its turn.
 */
export function handleSend(conversation: Conversation, frame: ClientFrame): void | Promise<void> {
  const asked = askedOf(frame, conversation.subscriptions.errorListener);
  const plan = planSend(conversation, frame);
  // Reserved now, so that the session cannot end before its SEND has taken effect.
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

function carryOut(conversation: Conversation, asked: Asked, plan: SendPlan, reply: Reply): void {
  if (plan.type === 'refused') {
    reply(() => conversation.refusals.refuse(asked, plan.code, plan.text));
    return;
  }
  commit(conversation, { asked, plan, tellsPosition: true }, reply);
}
