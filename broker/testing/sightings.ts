// What clients have asked of a test broker: which subscriptions are open, and what was sent.
// It keeps and tells; who waits for it is in waits.ts.

import type { Conversation } from '../session/conversation.ts';
import type { Observer } from '../session/observer.ts';
import { subscriptionKey } from '../session/subscriptions/subscription-key.ts';
import { type ClientFrame, headerOf } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';

/** A SEND of a client. */
export interface ReceivedMessage {
  readonly body: string;
  readonly bytes: Buffer;
  /** As it was sent, with its prefix. */
  readonly destination: string;
  /** All headers of the SEND; of a repeated name the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly user: string | null;
}

/** A subscription that is open. */
export interface OpenSubscription {
  readonly destination: string;
  /** `null`: a 1.0 client gave none. */
  readonly id: string | null;
  readonly sessionId: string;
  readonly user: string | null;
}

/** So that a test that sends without end does not fill the memory: the oldest are forgotten. */
const MESSAGES_MAX = 10_000;
const BYTES_MAX = 64 * 1_024 * 1_024;

export class Sightings implements Observer {
  readonly #onChange: () => void;
  /** By session, then by the name that UNSUBSCRIBE uses. */
  readonly #open = new Map<string, Map<string, OpenSubscription>>();
  /** By session and transaction: what COMMIT will send. */
  readonly #inTransactions = new Map<string, Map<string, ReceivedMessage[]>>();
  #bytes = 0;
  #forgotten = 0;
  #messages: ReceivedMessage[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** What came since the start or the last `clear`, in order. */
  get messages(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  /** How many messages there were too many to keep. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get subscriptions(): readonly OpenSubscription[] {
    return [...this.#open.values()].flatMap((byKey) => [...byKey.values()]);
  }

  /** Forgets the messages; subscriptions are open or not. */
  clear(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.#forgotten = 0;
  }

  handled(frame: ClientFrame, conversation: Conversation): void {
    const { sessionId } = conversation.caller;
    const transaction = headerOf(frame, h.TRANSACTION);
    const { command } = frame;
    if (command === 'SEND') this.#sent(messageOf(frame, conversation), transaction);
    if (command === 'COMMIT')
      for (const message of this.#take(sessionId, transaction)) this.#keep(message);
    if (command === 'ABORT') this.#take(sessionId, transaction);
    if (command === 'SUBSCRIBE' || command === 'UNSUBSCRIBE') this.#changed(frame, conversation);
    this.#onChange();
  }

  ended(sessionId: string): void {
    this.#open.delete(sessionId);
    this.#inTransactions.delete(sessionId);
    this.#onChange();
  }

  /** STOMP 1.2, "BEGIN": nothing of a transaction is sent before its COMMIT. */
  #sent(message: ReceivedMessage, transaction: string | undefined): void {
    if (transaction === undefined) {
      this.#keep(message);
      return;
    }
    const { sessionId } = message;
    const open = this.#inTransactions.get(sessionId) ?? new Map<string, ReceivedMessage[]>();
    this.#inTransactions.set(sessionId, open);
    open.set(transaction, [...(open.get(transaction) ?? []), message]);
  }

  #take(sessionId: string, transaction = ''): readonly ReceivedMessage[] {
    const open = this.#inTransactions.get(sessionId);
    const messages = open?.get(transaction) ?? [];
    open?.delete(transaction);
    return messages;
  }

  #keep(message: ReceivedMessage): void {
    this.#messages.push(message);
    this.#bytes += message.bytes.length;
    while (this.#messages.length > MESSAGES_MAX || this.#bytes > BYTES_MAX) {
      this.#bytes -= this.#messages.shift()?.bytes.length ?? 0;
      this.#forgotten += 1;
    }
  }

  /** What the session has under this name now: a SUBSCRIBE may have been refused. */
  #changed(frame: ClientFrame, { caller, subscriptions }: Conversation): void {
    const destination = headerOf(frame, h.DESTINATION);
    const id = headerOf(frame, h.ID);
    const key = subscriptionKey(id, destination);
    const { sessionId, user } = caller;
    const open = this.#open.get(sessionId) ?? new Map<string, OpenSubscription>();
    if (subscriptions.get(key) === undefined) open.delete(key);
    else open.set(key, { destination: destination ?? '', id: id ?? null, sessionId, user });
    if (open.size > 0) this.#open.set(sessionId, open);
    else this.#open.delete(sessionId);
  }
}

function messageOf(frame: ClientFrame, { caller }: Conversation): ReceivedMessage {
  return {
    body: frame.body.toString('utf8'),
    bytes: frame.body,
    destination: headerOf(frame, h.DESTINATION) ?? '',
    // The first of a name comes last here, and stays.
    headers: Object.fromEntries(frame.headers.toReversed()),
    sessionId: caller.sessionId,
    user: caller.user,
  };
}
