import type { Publication } from '../../engine/engine.ts';
import type { Start } from '../commands/start-position.ts';
import type { AckMode, DeliveryState } from './deliveries.ts';

/** What a SUBSCRIBE settles on. */
export interface SubscriptionTerms {
  readonly ackMode: AckMode;
  /** The `destination` as the client wrote it. */
  readonly destination: string;
  /** `null`: a 1.0 client gave none. */
  readonly id: string | null;
  /** Where it starts in what is kept. */
  readonly start: Start;
  /** Deliveries that may wait for their acknowledgement. */
  readonly prefetch: number;
}

/** One of a session's subscriptions, whatever it is to. */
export interface OwnSubscription {
  /** Where its client acknowledges; absent where it need not. */
  readonly acknowledging?: Acknowledging;
  /** As its client wrote it. */
  readonly destination: string;
  /** The RECEIPT of its SUBSCRIBE was said: now it may speak. */
  release(): void;
  /** A MESSAGE for it alone. */
  tell(publication: Publication): void;
  /** Nothing reaches it any more; what was not acknowledged is given back. */
  end(): void;
}

export interface Acknowledging {
  /** What its `ack` headers begin with: unique in the session, and never given again. */
  readonly name: number;
  stateOf(delivery: number): DeliveryState;
  /** The open delivery of this message; `null`: there is none. */
  numberOf(messageId: string): number | null;
  /** ACK or NACK of a delivery, and in `client` mode of all before it. */
  settle(delivery: number, isAck: boolean): void;
}
