import type { Header } from '../stomp/frame.ts';

/** A SEND that was handled: its message was published, refused, or held in its transaction. */
export interface SentFact {
  readonly type: 'sent';
  readonly body: Buffer;
  readonly destination: string;
  /** All headers of the SEND, in its order. */
  readonly headers: readonly Header[];
  readonly sessionId: string;
  /** `null`: the SEND belongs to none. */
  readonly transaction: string | null;
  readonly user: string | null;
}

/** A subscription that is open now. */
export interface SubscribedFact {
  readonly type: 'subscribed';
  readonly destination: string;
  /** `null`: a 1.0 client gave none. */
  readonly id: string | null;
  readonly sessionId: string;
  readonly user: string | null;
}

export interface UnsubscribedFact {
  readonly type: 'unsubscribed';
  /** `null`: the UNSUBSCRIBE names an id only. */
  readonly destination: string | null;
  readonly id: string | null;
  readonly sessionId: string;
}

/** The end of a transaction. The commit itself may still be under way. */
export interface TransactionFact {
  readonly type: 'committed' | 'aborted';
  readonly sessionId: string;
  readonly transaction: string;
}

/** A session is over, whether or not it was ever connected. */
export interface EndedFact {
  readonly type: 'ended';
  readonly sessionId: string;
}

/** A fact about a session. */
export type SessionFact =
  | SentFact
  | SubscribedFact
  | UnsubscribedFact
  | TransactionFact
  | EndedFact;

/** Hears what sessions did; only a test broker has one. It must not throw. */
export interface Observer {
  observe(fact: SessionFact): void;
}
