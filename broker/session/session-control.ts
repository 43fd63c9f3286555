import type { ServerFrame } from '../stomp/frame.ts';
import type { CloseReasonName } from './close-reasons.ts';
import type { Asked } from './commands/asked.ts';

/** The ways in which the parts of a session end it. */
export interface SessionControl {
  /** Writes this ERROR and closes at once, ahead of the replies that still wait. */
  fail(error: ServerFrame, reason: CloseReasonName): void;
  /**
   * Closes the session over a bug in the broker or in a handler, so that the bug reaches no other
   * connection.
   *
   * @param asked the frame that was being handled
   */
  abort(error: unknown, asked?: Asked): void;
  /** The client sent DISCONNECT: closes once everything that it is owed has been written. */
  leave(): void;
}
