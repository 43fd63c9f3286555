import type { Message } from '../engine/engine.ts';
import type { QueueShare } from './queue-shares.ts';

/** A message of a queue, and how often it was handed out. */
export interface Queued {
  readonly id: string;
  /** Its place among all messages of the queue. */
  readonly sequence: number;
  readonly message: Message;
  /** What it counts against the limits. */
  readonly bytes: number;
  /** Whose share its bytes count in; `null`: the server's own messages count in none. */
  readonly sender: QueueShare | null;
  deliveries: number;
}

/** One subscription to a queue. */
export interface Consumer {
  /** Whether it may be given one more now; when that becomes true it says so with `ready`. */
  readonly hasRoom: boolean;
  /** True: it needs no acknowledgement, and is gone with this. Never throws. */
  take(queued: Queued): boolean;
  /** What it took in this turn may be written. */
  flush(): void;
}
