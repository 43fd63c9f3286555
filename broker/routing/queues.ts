import { randomBytes } from 'node:crypto';
import { octetsOf } from '../../shared/octets.ts';
import type { Clock } from '../clock.ts';
import type { Message } from '../engine/engine.ts';
import type { Log } from '../log.ts';
import { type Consumer, Queue, type Queued } from './queue.ts';

export interface QueueLimits {
  /** Bytes of one queue, of headers and bodies. */
  readonly queueBytes: number;
  /** Messages of one queue. */
  readonly queueCount: number;
  /** Deliveries after which a message goes to the dead. */
  readonly queueDeliveriesMax: number;
  /** Bytes of all queues together. */
  readonly queueMemoryBytes: number;
  /** What a NACKed message waits before it is tried again; doubled each time. */
  readonly queueRetryMs: number;
  readonly queuesMax: number;
}

export interface QueuesOptions {
  readonly clock: Clock;
  readonly limits: QueueLimits;
  readonly log: Log;
  /** What a message counts besides its octets. */
  readonly overheadBytes: number;
  /** The destinations of queues begin with it, and a slash. */
  readonly prefix: string;
}

export const QUEUE_REFUSALS = {
  QUEUE_FULL: 'the queue is full',
  TOO_MANY_QUEUES: 'there are as many queues as there may be',
} as const;
export type QueueRefusal = keyof typeof QUEUE_REFUSALS;

/** Room for one message. Exactly one of both is called, once. */
export interface Reservation {
  /** Puts the message. */
  put(): void;
  /** Gives the room back. */
  cancel(): void;
}

interface Held {
  readonly queue: Queue;
  bytes: number;
}

/** All queues of this process, by destination; in memory, and only while there is something in them. */
export class Queues {
  readonly #id = randomBytes(6).toString('hex');
  readonly #options: QueuesOptions;
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  #sequence = 0;

  constructor(options: QueuesOptions) {
    this.#options = options;
  }

  /** How many queues there are. */
  get size(): number {
    return this.#held.size;
  }

  /** Keeps room for a message, so that it can still be refused together with others. */
  reserve(destination: string, message: Message): Reservation | QueueRefusal {
    const queued = this.#queuedOf(message);
    const held = this.#heldAt(destination);
    if (held === null) return 'TOO_MANY_QUEUES';
    if (!this.#hasRoom(held, queued)) {
      held.queue.settleIdle();
      return 'QUEUE_FULL';
    }
    this.#expect(held, queued);
    return { put: () => held.queue.put(queued), cancel: () => held.queue.giveUp(queued) };
  }

  /** Adds a consumer to the queue, which is made if it is not there. */
  subscribe(destination: string, consumer: Consumer): Queue | QueueRefusal {
    const held = this.#heldAt(destination);
    if (held === null) return 'TOO_MANY_QUEUES';
    held.queue.add(consumer);
    return held.queue;
  }

  /** Nothing that waits is tried again. */
  stop(): void {
    for (const { queue } of this.#held.values()) queue.stop();
  }

  #heldAt(destination: string): Held | null {
    const known = this.#held.get(destination);
    if (known !== undefined) return known;
    const { clock, limits, prefix } = this.#options;
    if (this.#held.size >= limits.queuesMax) return null;
    const path = destination.slice(prefix.length);
    const held: Held = {
      bytes: 0,
      queue: new Queue({
        clock,
        deliveriesMax: limits.queueDeliveriesMax,
        retryMs: limits.queueRetryMs,
        // A queue that is forgotten may say so again, when another one has its name.
        onIdle: () => {
          if (this.#held.get(destination) === held) this.#held.delete(destination);
        },
        onLeft: ({ bytes }) => {
          held.bytes -= bytes;
          this.#bytes -= bytes;
        },
        // What is dead already does not die again.
        ...(path.startsWith('/dead/')
          ? {}
          : { onDead: (queued) => this.#bury(destination, `${prefix}/dead${path}`, queued) }),
      }),
    };
    this.#held.set(destination, held);
    return held;
  }

  #hasRoom({ bytes, queue }: Held, queued: Queued): boolean {
    const { queueBytes, queueCount, queueMemoryBytes } = this.#options.limits;
    const isWithinOwn = queue.count < queueCount && bytes + queued.bytes <= queueBytes;
    return isWithinOwn && this.#bytes + queued.bytes <= queueMemoryBytes;
  }

  #expect(held: Held, queued: Queued): void {
    held.queue.expect();
    held.bytes += queued.bytes;
    this.#bytes += queued.bytes;
  }

  /** Among the dead the oldest give way, and a message that finds no place is only logged. */
  #bury(from: string, to: string, { id, message }: Queued): void {
    this.#options.log.warn({ queue: from, message: id }, 'a message was handed out too often');
    const held = this.#heldAt(to);
    const queued = this.#queuedOf(message, id);
    if (held === null || !this.#makesRoom(held, queued)) {
      held?.queue.settleIdle();
      this.#options.log.warn({ queue: to, message: id }, 'a dead message found no place');
      return;
    }
    this.#expect(held, queued);
    held.queue.put(queued);
  }

  /** Drops the oldest until it fits; false: those that are left cannot be dropped. */
  #makesRoom(held: Held, queued: Queued): boolean {
    while (!this.#hasRoom(held, queued)) if (!held.queue.dropOldest()) return false;
    return true;
  }

  #queuedOf(message: Message, id?: string): Queued {
    this.#sequence += 1;
    return {
      id: id ?? `${this.#id}-${this.#sequence}`,
      bytes: this.#options.overheadBytes + octetsOf(message),
      deliveries: 0,
      message,
      sequence: this.#sequence,
    };
  }
}
