// What SENDs come to takes effect: one append for the topics, and after it what must not happen
// without it. The reply keeps its place among those of the session.

import { DUPLICATE, STREAM_OFFSET } from '../../../shared/header-names.ts';
import { octetsOf } from '../../../shared/octets.ts';
import type { Appended, AppendOutcome, Entry, FactChange } from '../../engine/engine.ts';
import type { Reservation } from '../../routing/queues.ts';
import type { Header } from '../../stomp/frame.ts';
import { heapBytesOf } from '../../stomp/heap-bytes.ts';
import type { Conversation } from '../conversation.ts';
import type { AppendSize } from '../flow/append-credit.ts';
import type { Asked } from './asked.ts';

export type Reply = (action: () => void) => void;

/** What is done together or not at all. */
export interface Work {
  readonly asked: Asked;
  readonly entries: readonly Entry[];
  /** Committed together with the entries. */
  readonly facts: readonly FactChange[];
  /** For queues, after the commit; given back if it fails. */
  readonly puts: readonly Reservation[];
  /** Done after the commit, in order. */
  readonly committed: readonly (() => void)[];
  /** Done instead if it is refused, in order. */
  readonly cancelled: readonly (() => void)[];
  /** Whether the RECEIPT tells the position of the first entry. */
  readonly tellsPosition: boolean;
}

/**
 * So many encodings take about as long as all else of a SEND. A message that is encoded more often
 * counts as several SENDs towards the rate of its sender: else a thousand subscription ids would
 * make a few SENDs a second fill the server's time. Members with equal ids share an encoding.
 */
const ENCODINGS_PER_SEND = 8;

/** Does the work, and fills the reply that was reserved for it. */
export function commit(conversation: Conversation, work: Work, reply: Reply): void {
  const { asked, entries, facts } = work;
  if (entries.length === 0 && facts.length === 0) {
    // In its turn, so that all that the session sent before has taken effect.
    reply(() => {
      takeEffect(conversation, work);
      conversation.receipt(asked);
    });
    return;
  }
  const { appendCredit, caller, output, parts, session } = conversation;
  const size = sizeOf(conversation, entries);
  appendCredit.reserve(size);
  const settled = (outcome: AppendOutcome) => {
    try {
      if (outcome.type === 'appended') takeEffect(conversation, work);
      else giveBack(conversation, work);
      // A commit answers many frames at once, and a system call costs more than a RECEIPT.
      if (asked.receiptId !== undefined) output.gather();
      reply(() => answer(conversation, work, outcome));
    } catch (error) {
      session.abort(error, asked);
    } finally {
      appendCredit.release(size);
    }
  };
  const failed = (error: unknown) => {
    reply(() => session.abort(error, asked));
    appendCredit.release(size);
  };
  parts.engine.append(entries, { facts, source: caller.sessionId }).then(settled, failed);
}

function sizeOf(conversation: Conversation, entries: readonly Entry[]): AppendSize {
  const { index } = conversation.parts;
  let encodings = 0;
  let heapBytes = 0;
  let octets = 0;
  for (const { destination, message } of entries) {
    heapBytes += heapBytesOf(message);
    octets += octetsOf(message);
    // Here it is part of the sender's turn, while all that are committed share the delivery.
    encodings += index.encodingsOf(destination);
  }
  if (encodings >= ENCODINGS_PER_SEND) {
    conversation.throttle.charge(Math.trunc(encodings / ENCODINGS_PER_SEND));
  }
  return { count: entries.length, heapBytes, octets };
}

function takeEffect(conversation: Conversation, { asked, committed, puts }: Work): void {
  for (const put of puts) put.put();
  runAll(conversation, asked, committed);
}

function giveBack(conversation: Conversation, { asked, cancelled, puts }: Work): void {
  for (const put of puts) put.cancel();
  runAll(conversation, asked, cancelled);
}

/** A callback of a handler that throws ends the session, and undoes nothing. */
function runAll(conversation: Conversation, asked: Asked, actions: Work['committed']): void {
  for (const action of actions) {
    try {
      action();
    } catch (error) {
      conversation.session.abort(error, asked);
    }
  }
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
