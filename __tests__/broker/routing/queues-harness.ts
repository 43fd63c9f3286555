import type { Caller } from '../../../broker/application/request.ts';
import type { Consumer } from '../../../broker/routing/consumer.ts';
import type { Queue } from '../../../broker/routing/queue.ts';
import { type QueueLimits, Queues } from '../../../broker/routing/queues.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

const LIMITS: QueueLimits = {
  queueBytes: 1_000_000,
  queueBytesPerAddress: 1_000_000,
  queueBytesPerSession: 1_000_000,
  queueCount: 1_000,
  queueDeliveriesMax: 10,
  queueExpireMs: 0,
  queueMemoryBytes: 1_000_000,
  queueRetryMs: 1_000,
  queuesMax: 100,
  queuesPerAddressMax: 100,
  queuesPerSessionMax: 100,
};

const ANYONE: Caller = { address: '192.0.2.1', sessionId: 'anyone', user: null };

/** Queues on a clock that stands still, in which a message counts the bytes of its body. */
export function queuesHarness(limits: Partial<QueueLimits> = {}, storeBytesMax = 1_000_000) {
  const clock = new FakeClock();
  const log = memoryLog();
  const queues: Queues = new Queues({
    clock,
    limits: { ...LIMITS, ...limits },
    log,
    memory: { hasRoomInStores: (bytes) => queues.bytes + bytes <= storeBytesMax },
    overheadBytes: 0,
    prefix: '/queue',
  });
  const messageOf = (body: string) => ({ headers: [], body: Buffer.from(body) });
  /** The calls of a session, a new one each time, with this address or user. */
  const sessionOf = (client: Partial<Caller>) => {
    const caller: Caller = { ...ANYONE, ...client };
    return {
      put: (destination: string, ...bodies: string[]) => putAs(caller, destination, bodies),
      subscribe: (destination: string, consumer: Consumer) =>
        queues.subscribe(destination, consumer, caller),
    };
  };
  const putAs = (caller: Caller | null, destination: string, bodies: readonly string[]) => {
    for (const body of bodies) {
      const reserved = queues.reserve(destination, messageOf(body), caller);
      if (typeof reserved === 'string') return reserved;
      reserved.put();
    }
    return 'put';
  };
  const put = (destination: string, ...bodies: string[]) => putAs(ANYONE, destination, bodies);
  const subscribe = (destination: string, consumer: Consumer): Queue => {
    const queue = queues.subscribe(destination, consumer, ANYONE);
    if (typeof queue === 'string') throw new Error(queue);
    return queue;
  };
  return { ANYONE, clock, log, messageOf, put, putAs, queues, sessionOf, subscribe };
}

/** Runs everything that waits for the end of the turn. */
export async function turnEnds(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await Promise.resolve();
}
