// The record of a test broker: its open subscriptions, and the SENDs of clients. Waiting for them
// is in waits.ts.

import type {
  Observer,
  SentFact,
  SessionFact,
  SubscribedFact,
  UnsubscribedFact,
} from '../session/observer.ts';
import { subscriptionKey } from '../session/subscriptions/subscription-key.ts';

/** A SEND of a client. */
export interface ReceivedMessage {
  readonly body: string;
  readonly bytes: Buffer;
  /** With its prefix, as the client sent it. */
  readonly destination: string;
  /** All headers of the SEND; the first of each name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly user: string | null;
}

/** An open subscription. */
export interface OpenSubscription {
  readonly destination: string;
  /** `null`: STOMP 1.0 needs no id. */
  readonly id: string | null;
  readonly sessionId: string;
  readonly user: string | null;
}

/** Most messages in memory; beyond it the oldest are dropped. */
const MESSAGES_MAX = 10_000;
const BYTES_MAX = 64 * 1_024 * 1_024;

export class Sightings implements Observer {
  readonly #onChange: () => void;
  /** session → subscription key → subscription */
  readonly #open = new Map<string, Map<string, OpenSubscription>>();
  /** session and transaction → the SENDs that its COMMIT will carry out */
  readonly #inTransactions = new Map<string, Map<string, ReceivedMessage[]>>();
  #bytes = 0;
  #forgotten = 0;
  #messages: ReceivedMessage[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The messages since the start or the last `clear`, in order. */
  get messages(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  /** Number of messages that were dropped. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get subscriptions(): readonly OpenSubscription[] {
    return [...this.#open.values()].flatMap((byKey) => [...byKey.values()]);
  }

  /** Forgets the messages, but not the open subscriptions. */
  clear(): void {
    this.#messages = [];
    this.#bytes = 0;
    this.#forgotten = 0;
  }

  observe(fact: SessionFact): void {
    this.#note(fact);
    this.#onChange();
  }

  #note(fact: SessionFact): void {
    switch (fact.type) {
      case 'sent':
        this.#noteSent(fact);
        return;
      case 'subscribed':
        this.#noteSubscribed(fact);
        return;
      case 'unsubscribed':
        this.#noteUnsubscribed(fact);
        return;
      case 'committed':
        for (const message of this.#take(fact.sessionId, fact.transaction)) this.#keep(message);
        return;
      case 'aborted':
        this.#take(fact.sessionId, fact.transaction);
        return;
      case 'ended':
        this.#open.delete(fact.sessionId);
        this.#inTransactions.delete(fact.sessionId);
    }
  }

  /** STOMP 1.2, "BEGIN": nothing of a transaction is sent before its COMMIT. */
  #noteSent(fact: SentFact): void {
    const { transaction } = fact;
    const message = messageOf(fact);
    if (transaction === null) {
      this.#keep(message);
      return;
    }
    const { sessionId } = message;
    const open = this.#inTransactions.get(sessionId) ?? new Map<string, ReceivedMessage[]>();
    this.#inTransactions.set(sessionId, open);
    open.set(transaction, [...(open.get(transaction) ?? []), message]);
  }

  #take(sessionId: string, transaction: string): readonly ReceivedMessage[] {
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

  #noteSubscribed({ destination, id, sessionId, user }: SubscribedFact): void {
    const open = this.#open.get(sessionId) ?? new Map<string, OpenSubscription>();
    this.#open.set(sessionId, open);
    const key = subscriptionKey(id ?? undefined, destination);
    open.set(key, { destination, id, sessionId, user });
  }

  #noteUnsubscribed({ destination, id, sessionId }: UnsubscribedFact): void {
    const open = this.#open.get(sessionId);
    open?.delete(subscriptionKey(id ?? undefined, destination ?? undefined));
    if (open?.size === 0) this.#open.delete(sessionId);
  }
}

function messageOf({ body, destination, headers, sessionId, user }: SentFact): ReceivedMessage {
  return {
    body: body.toString('utf8'),
    bytes: body,
    destination,
    // In reverse, so that the first header of a name overwrites the others.
    headers: Object.fromEntries(headers.toReversed()),
    sessionId,
    user,
  };
}
