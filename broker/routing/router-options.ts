import type { Prefixes } from '../../shared/destinations.ts';
import type { Caller } from '../application/request.ts';
import type { Message } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';
import type { Header } from '../stomp/frame.ts';
import type { ApplicationPort } from './application-port.ts';
import type { QueueRefusal, Reservation } from './queues.ts';

/** A SEND, or the parts of a SUBSCRIBE that a handler may see. */
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
  /** True: sessions have users, so messages can be sent to one by name. */
  readonly knowsUsers: boolean;
  /** True: patterns match topics that are private to the application as well. */
  readonly opensPrivateToPatterns: boolean;
  readonly prefixes: Prefixes;
  readonly queues: QueuePort;
}
