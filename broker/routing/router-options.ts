import type { Prefixes } from '../../shared/destinations.ts';
import type { Caller } from '../application/request.ts';
import type { Message } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';
import type { Header } from '../stomp/frame.ts';
import type { ApplicationPort } from './application-port.ts';
import type { QueueRefusal, Reservation } from './queues.ts';

/** A SEND, or what of a SUBSCRIBE a handler may see. */
export interface Sent {
  readonly destination: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

/** The queues, as plans see them: room for a message may take a while to get. */
export interface QueuePort {
  reserve(
    destination: string,
    message: Message,
    caller: Caller | null,
  ): Maybe<Reservation | QueueRefusal>;
}

export interface RouterOptions {
  readonly application: ApplicationPort;
  /** Whether sessions have users, so that one can be named. */
  readonly knowsUsers: boolean;
  /** Whether patterns see what is the application's own. */
  readonly opensPrivateToPatterns: boolean;
  readonly prefixes: Prefixes;
  readonly queues: QueuePort;
}
