import type { Message } from '../engine/engine.ts';
import type { QueueShare } from './queue-shares.ts';

/** A message of a queue, with the number of its deliveries. */
export interface Queued {
  readonly id: string;
  /** Its place in the order of all messages. */
  readonly sequence: number;
  readonly message: Message;
  /** Its bytes, as they count against the limits. */
  readonly bytes: number;
  /** The share that its bytes count in; `null`: a message of the server's own counts in none. */
  readonly sender: QueueShare | null;
  deliveries: number;
}

/** One subscription to a queue. */
export interface Consumer {
  /** True: it takes one more message now. When this becomes true it calls `Queue.ready`. */
  readonly hasRoom: boolean;
  /** True: the message needs no acknowledgement, so it has left the queue. Never throws. */
  take(queued: Queued): boolean;
  /** Writes the messages that it took in this turn. */
  flush(): void;
}
