import type { Consumer, Queue } from '../../../broker/routing/queue.ts';
import { type QueueLimits, Queues } from '../../../broker/routing/queues.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

const LIMITS: QueueLimits = {
  queueBytes: 1_000_000,
  queueCount: 1_000,
  queueDeliveriesMax: 10,
  queueMemoryBytes: 1_000_000,
  queueRetryMs: 1_000,
  queuesMax: 100,
};

/** Queues on a clock that stands still; what a message counts is its body. */
export function queuesHarness(limits: Partial<QueueLimits> = {}) {
  const clock = new FakeClock();
  const log = memoryLog();
  const queues = new Queues({
    clock,
    limits: { ...LIMITS, ...limits },
    log,
    overheadBytes: 0,
    prefix: '/queue',
  });
  const messageOf = (body: string) => ({ headers: [], body: Buffer.from(body) });
  const put = (destination: string, ...bodies: string[]) => {
    for (const body of bodies) {
      const reserved = queues.reserve(destination, messageOf(body));
      if (typeof reserved === 'string') return reserved;
      reserved.put();
    }
    return 'put';
  };
  const subscribe = (destination: string, consumer: Consumer): Queue => {
    const queue = queues.subscribe(destination, consumer);
    if (typeof queue === 'string') throw new Error(queue);
    return queue;
  };
  return { clock, log, messageOf, put, queues, subscribe };
}

/** Lets everything happen that waits for the end of the turn. */
export async function turnEnds(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await Promise.resolve();
}
