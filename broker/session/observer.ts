import type { ClientFrame } from '../stomp/frame.ts';
import type { Conversation } from './conversation.ts';

/** Looks on while sessions work; only a test broker has one. It must not throw. */
export interface Observer {
  /** What the frame asked for was done, or refused. A commit may still be under way. */
  handled(frame: ClientFrame, conversation: Conversation): void;
  /** The session is over, whether or not it was ever connected. */
  ended(sessionId: string): void;
}
