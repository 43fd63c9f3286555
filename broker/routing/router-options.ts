import type { Prefixes } from '../../shared/destinations.ts';
import type { Header } from '../stomp/frame.ts';
import type { ApplicationPort } from './application-port.ts';
import type { Queues } from './queues.ts';

/** A SEND, or what of a SUBSCRIBE a handler may see. */
export interface Sent {
  readonly destination: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface RouterOptions {
  readonly application: ApplicationPort;
  /** Whether sessions have users, so that one can be named. */
  readonly knowsUsers: boolean;
  /** Whether patterns see what is the application's own. */
  readonly opensPrivateToPatterns: boolean;
  readonly prefixes: Prefixes;
  readonly queues: Queues;
}
