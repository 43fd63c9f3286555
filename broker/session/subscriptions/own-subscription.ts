import type { Publication } from '../../engine/engine.ts';
import type { Start } from '../commands/start-position.ts';
import type { AckMode, DeliveryState } from './deliveries.ts';

/** The terms of a SUBSCRIBE. */
export interface SubscriptionTerms {
  readonly ackMode: AckMode;
  /** The `destination` as the client wrote it. */
  readonly destination: string;
  /** `null`: a 1.0 client gave none. */
  readonly id: string | null;
  /** The position in the history at which it starts. */
  readonly start: Start;
  /** Deliveries that may await their acknowledgement. */
  readonly prefetch: number;
}

/** A subscription of a session, to whichever kind of destination. */
export interface OwnSubscription {
  /** Settles deliveries by ACK and NACK; absent with `auto`. */
  readonly acknowledging?: Acknowledging;
  /** The `destination` as the client wrote it. */
  readonly destination: string;
  /** The RECEIPT of the SUBSCRIBE is written: deliveries may be written from here on. */
  release(): void;
  /** Delivers a message to this subscription alone. */
  tell(publication: Publication): void;
  /** Ends it: no further delivery, and open deliveries are returned. */
  end(): void;
}

export interface Acknowledging {
  /** The first part of its `ack` headers: unique in the session, and never reused. */
  readonly name: number;
  stateOf(delivery: number): DeliveryState;
  /** The number of this message's open delivery; `null`: it has none. */
  numberOf(messageId: string): number | null;
  /** Settles a delivery, in `client` mode all earlier ones as well. */
  settle(delivery: number, isAck: boolean): void;
}
