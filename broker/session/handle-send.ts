import { DUPLICATE, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Appended, AppendOutcome, Entry } from '../engine/engine.ts';
import type { SendPlan } from '../routing/router.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { type ClientFrame, type Header, headerOf } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import { type Asked, askedOf } from './asked.ts';
import type { Conversation } from './conversation.ts';

type Reply = (action: () => void) => void;

/**
 * SEND. The next frame of the session may start when the handler has returned; the reply waits
 * for the commit, in its turn.
 */
export function handleSend(conversation: Conversation, frame: ClientFrame): void | Promise<void> {
  if (headerOf(frame, h.TRANSACTION) !== undefined) {
    throw new ProtocolError('UNSUPPORTED', 'SEND in a transaction');
  }
  const asked = askedOf(frame);
  const sent = { destination: asked.destination ?? '', headers: frame.headers, body: frame.body };
  const plan = conversation.parts.router.planSend(sent, conversation.caller);
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

function carryOut(conversation: Conversation, asked: Asked, plan: SendPlan, reply: Reply): void {
  if (plan.type === 'refused') {
    reply(() => conversation.refuse(asked, plan.code, plan.text));
    return;
  }
  const { committed, entries } = plan;
  if (entries.length === 0) {
    reply(() => {
      takeEffect(conversation, asked, committed);
      conversation.receipt(asked);
    });
    return;
  }
  const bytes = bytesOf(entries);
  conversation.appending(entries.length, bytes);
  conversation.parts.engine
    .append(entries)
    .then((outcome) => {
      if (outcome.type === 'appended') takeEffect(conversation, asked, committed);
      reply(() => answer(conversation, asked, outcome));
      conversation.appended(entries.length, bytes);
    })
    .catch((error: unknown) => conversation.broke(error, asked));
}

/** What is committed stays so, even if a handler's own doing after it fails. */
function takeEffect(
  conversation: Conversation,
  asked: Asked,
  committed: (() => void) | undefined,
): void {
  try {
    committed?.();
  } catch (error) {
    conversation.broke(error, asked);
  }
}

function answer(conversation: Conversation, asked: Asked, outcome: AppendOutcome): void {
  if (outcome.type === 'refused') {
    conversation.refuse(asked, outcome.code, outcome.text);
    return;
  }
  const headers: Header[] = [];
  const [first] = outcome.entries;
  if (first !== undefined && first.offset !== null) {
    headers.push([STREAM_OFFSET, String(first.offset)]);
  }
  if (!outcome.entries.some(isNew)) headers.push([DUPLICATE, 'true']);
  conversation.receipt(asked, headers);
}

function isNew(entry: Appended): boolean {
  return entry.type === 'committed';
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { message } of entries) {
    bytes += message.body.length;
    for (const [name, value] of message.headers) bytes += name.length + value.length;
  }
  return bytes;
}
