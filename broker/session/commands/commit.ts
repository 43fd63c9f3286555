// Executes the plans of a session's frames, and answers the frames. Each reply keeps its place
// among the replies of the session, and an append reserves append credit until it is settled.

import { DUPLICATE, STREAM_OFFSET } from '../../../shared/header-names.ts';
import { octetsOf } from '../../../shared/octets.ts';
import type { Appended, AppendOutcome, Entry } from '../../engine/engine.ts';
import { executeThen, isImmediate, takeEffect } from '../../routing/plan-execution.ts';
import type { Accepted } from '../../routing/plans.ts';
import type { Header } from '../../stomp/frame.ts';
import { heapBytesOf } from '../../stomp/heap-bytes.ts';
import type { Conversation } from '../conversation.ts';
import type { AppendSize } from '../flow/append-credit.ts';
import type { Asked } from './asked.ts';

export type Reply = (action: () => void) => void;

/** A plan, and the frame that is answered once the plan is executed. */
export interface Work {
  readonly asked: Asked;
  readonly plan: Accepted;
  /** True if the RECEIPT carries the position of the first entry. */
  readonly tellsPosition: boolean;
}

/**
 * This many encodings take about as long as the rest of a SEND. A message that must be encoded more
 * often counts as several SENDs towards the rate of its sender; otherwise a thousand subscription
 * ids would let a few SENDs a second saturate the server. Members with equal ids share an encoding.
 */
const ENCODINGS_PER_SEND = 8;

/** Executes the plan, and fills the reply that was reserved for it. */
export function commit(conversation: Conversation, work: Work, reply: Reply): void {
  const { asked, plan } = work;
  const { appendCredit, caller, output, parts, session } = conversation;
  // An exception in a handler's callback ends the session.
  const onError = (error: unknown) => session.abort(error, asked);
  const executor = { engine: parts.engine, onError, source: caller.sessionId };
  if (isImmediate(plan)) {
    // In turn, so that all earlier frames of the session have taken effect.
    reply(() => {
      takeEffect(plan, executor);
      conversation.receipt(asked);
    });
    return;
  }
  const size = sizeOf(conversation, plan.entries);
  appendCredit.reserve(size);
  const settled = (outcome: AppendOutcome) => {
    try {
      // A commit settles many frames at once, and one system call costs more than a RECEIPT.
      if (asked.receiptId !== undefined) output.gather();
      reply(() => answer(conversation, work, outcome));
    } catch (error) {
      onError(error);
    } finally {
      appendCredit.release(size);
    }
  };
  const failed = (error: unknown) => {
    reply(() => onError(error));
    appendCredit.release(size);
  };
  executeThen(plan, executor, settled, failed);
}

function sizeOf(conversation: Conversation, entries: readonly Entry[]): AppendSize {
  const { index } = conversation.parts;
  let encodings = 0;
  let heapBytes = 0;
  let octets = 0;
  for (const { destination, message } of entries) {
    heapBytes += heapBytesOf(message);
    octets += octetsOf(message);
    // Counted in the sender's own turn; the delivery is shared with others in the same commit.
    encodings += index.encodingsOf(destination);
  }
  if (encodings >= ENCODINGS_PER_SEND) {
    conversation.throttle.charge(Math.trunc(encodings / ENCODINGS_PER_SEND));
  }
  return { count: entries.length, heapBytes, octets };
}

function answer(conversation: Conversation, work: Work, outcome: AppendOutcome): void {
  const { asked, tellsPosition } = work;
  if (outcome.type === 'refused') {
    conversation.refusals.refuse(asked, outcome.code, outcome.text);
    return;
  }
  const headers: Header[] = [];
  const [first] = outcome.entries;
  if (tellsPosition && first !== undefined && first.offset !== null) {
    headers.push([STREAM_OFFSET, String(first.offset)]);
  }
  if (outcome.entries.length > 0 && !outcome.entries.some(isNew)) headers.push([DUPLICATE, 'true']);
  conversation.receipt(asked, headers);
}

function isNew(entry: Appended): boolean {
  return entry.type === 'committed';
}
