import type { Maybe } from '../../maybe.ts';
import type { SendPlan } from '../../routing/plans.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Conversation } from '../conversation.ts';

/** Plans a SEND. Throws ProtocolError if its destination cannot take messages. */
export function planSend({ caller, parts }: Conversation, frame: ClientFrame): Maybe<SendPlan> {
  const destination = headerOf(frame, h.DESTINATION) ?? '';
  return parts.router.planSend({ destination, headers: frame.headers, body: frame.body }, caller);
}
