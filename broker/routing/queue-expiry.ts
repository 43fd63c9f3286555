import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Queue } from './queue.ts';

export interface QueueExpiryOptions {
  readonly clock: Clock;
  /** The time after which a queue without consumers and new messages expires; 0: never. */
  readonly expireMs: number;
  readonly log: Log;
}

interface Expirable {
  readonly isDeadLetterQueue: boolean;
  readonly queue: Queue;
}

/** The longest and the shortest pause between two searches for expired queues. */
const PAUSE_MS_MAX = 60_000;
const PAUSE_MS_MIN = 100;

/** Drops the messages of queues that are not used any more, until it is cancelled. */
export function expireQueues(
  queues: () => Iterable<Expirable>,
  { clock, expireMs, log }: QueueExpiryOptions,
): Cancel {
  if (expireMs === 0) return () => undefined;
  const pauseMs = Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, Math.floor(expireMs / 4)));
  return clock.every(pauseMs, () => {
    const dropped = dropUnused(queues(), expireMs, clock.monotonic());
    if (dropped.queues > 0) log.warn(dropped, 'unused queues expired');
  });
}

/** A dead-letter queue never expires, so that an operator can see what is in it. */
function dropUnused(all: Iterable<Expirable>, expireMs: number, now: number) {
  let [messages, queues] = [0, 0];
  for (const { isDeadLetterQueue, queue } of all) {
    if (isDeadLetterQueue || queue.unusedMs(now) < expireMs) continue;
    messages += queue.dropAll();
    queues += 1;
  }
  return { messages, queues };
}
