import { randomBytes } from 'node:crypto';
import { octetsOf } from '../../shared/octets.ts';
import type { Caller } from '../application/request.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Message } from '../engine/engine.ts';
import type { MemoryBudget, MemoryStore } from '../limits/memory-budget.ts';
import type { Log } from '../log.ts';
import type { Consumer, Queued } from './consumer.ts';
import { Queue } from './queue.ts';
import { expireQueues } from './queue-expiry.ts';
import { type QueueShare, type QueueShareLimits, QueueShares } from './queue-shares.ts';

export interface QueueLimits extends QueueShareLimits {
  /** Bytes of one queue, of headers and bodies. */
  readonly queueBytes: number;
  /** Messages of one queue. */
  readonly queueCount: number;
  /** Deliveries after which a message goes to the dead-letter queue. */
  readonly queueDeliveriesMax: number;
  /** The time after which a queue without consumers and new messages expires; 0: never. */
  readonly queueExpireMs: number;
  /** Bytes of all queues together. */
  readonly queueMemoryBytes: number;
  /** The pause before a NACKed message is tried again; it doubles with each NACK. */
  readonly queueRetryMs: number;
  readonly queuesMax: number;
}

export interface QueuesOptions {
  readonly clock: Clock;
  readonly limits: QueueLimits;
  readonly log: Log;
  readonly memory: Pick<MemoryBudget, 'hasRoomInStores'>;
  /** Bytes that a message counts besides its octets. */
  readonly overheadBytes: number;
  /** The destinations of queues begin with it, and a slash. */
  readonly prefix: string;
}

export const QUEUE_REFUSALS = {
  QUEUE_FULL: 'the queue is full, or as much as may waits in queues, of this client or of all',
  TOO_MANY_QUEUES: 'there are as many queues as there may be, of this client or of all',
} as const;
export type QueueRefusal = keyof typeof QUEUE_REFUSALS;

/** Room for one message. Exactly one of the two methods is called, once. */
export interface Reservation {
  /** Puts the message. */
  put(): void;
  /** Gives the room back. */
  cancel(): void;
}

interface Held {
  readonly isDeadLetterQueue: boolean;
  /** The share that it counts in; `null`: a queue of the server's own counts in none. */
  readonly maker: QueueShare | null;
  readonly queue: Queue;
  bytes: number;
}

/**
 * All queues of this process, by destination. They are in memory, and are forgotten when they are
 * idle.
 */
export class Queues implements MemoryStore {
  readonly #cancelExpiry: Cancel;
  readonly #id = randomBytes(6).toString('hex');
  readonly #options: QueuesOptions;
  readonly #held = new Map<string, Held>();
  readonly #shares: QueueShares;
  #bytes = 0;
  #sequence = 0;

  constructor(options: QueuesOptions) {
    this.#options = options;
    this.#shares = new QueueShares(options.limits);
    const { clock, limits, log } = options;
    const expireMs = limits.queueExpireMs;
    this.#cancelExpiry = expireQueues(() => this.#held.values(), { clock, expireMs, log });
  }

  /** The bytes of all messages, as they count against the limits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of users and addresses that have made a queue, or have messages in one. */
  get clients(): number {
    return this.#shares.size;
  }

  /** The number of queues. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Reserves room for a message, so that it can still be refused together with others.
   *
   * @param caller the sender; `null`: the server itself
   */
  reserve(
    destination: string,
    message: Message,
    caller: Caller | null,
  ): Reservation | QueueRefusal {
    const sender = caller === null ? null : this.#shares.of(caller);
    const queued = this.#queuedOf(message, sender);
    const held = this.#heldAt(destination, sender);
    if (held === null) return 'TOO_MANY_QUEUES';
    const isWithinShare = sender === null || sender.hasRoomFor(queued.bytes);
    if (!isWithinShare || !this.#hasRoom(held, queued)) {
      held.queue.settleIdle();
      return 'QUEUE_FULL';
    }
    this.#expect(held, queued);
    return { put: () => held.queue.put(queued), cancel: () => held.queue.giveUp(queued) };
  }

  /** Adds a consumer to the queue, which is created if it does not exist. */
  subscribe(destination: string, consumer: Consumer, caller: Caller): Queue | QueueRefusal {
    const held = this.#heldAt(destination, this.#shares.of(caller));
    if (held === null) return 'TOO_MANY_QUEUES';
    held.queue.add(consumer);
    return held.queue;
  }

  /** Ends all timers: no message is tried again. */
  stop(): void {
    this.#cancelExpiry();
    for (const { queue } of this.#held.values()) queue.stop();
  }

  #heldAt(destination: string, maker: QueueShare | null): Held | null {
    const known = this.#held.get(destination);
    if (known !== undefined) return known;
    return maker === null || maker.mayMakeQueue ? this.#make(destination, maker) : null;
  }

  /** `null`: there are as many queues as there may be. */
  #make(destination: string, maker: QueueShare | null): Held | null {
    const { clock, limits, prefix } = this.#options;
    if (this.#held.size >= limits.queuesMax) return null;
    const path = destination.slice(prefix.length);
    const isDeadLetterQueue = path.startsWith('/dead/');
    const held: Held = {
      bytes: 0,
      isDeadLetterQueue,
      maker,
      queue: new Queue({
        clock,
        deliveriesMax: limits.queueDeliveriesMax,
        retryMs: limits.queueRetryMs,
        onIdle: () => this.#forget(destination, held),
        onLeft: (queued) => this.#count(held, queued, -1),
        // A dead-letter queue has no dead-letter queue of its own.
        ...(isDeadLetterQueue
          ? {}
          : {
              onDeadLetter: (queued) =>
                this.#moveToDeadLetters(destination, `${prefix}/dead${path}`, queued),
            }),
      }),
    };
    this.#held.set(destination, held);
    maker?.countQueue(1);
    return held;
  }

  #forget(destination: string, held: Held): void {
    // A queue that is forgotten may report again, when another one has its name already.
    if (this.#held.get(destination) !== held) return;
    this.#held.delete(destination);
    held.maker?.countQueue(-1);
  }

  #hasRoom({ bytes, queue }: Held, queued: Queued): boolean {
    const { limits, memory } = this.#options;
    const { queueBytes, queueCount, queueMemoryBytes } = limits;
    if (queue.count >= queueCount || bytes + queued.bytes > queueBytes) return false;
    if (this.#bytes + queued.bytes > queueMemoryBytes) return false;
    return memory.hasRoomInStores(queued.bytes);
  }

  #expect(held: Held, queued: Queued): void {
    held.queue.expect();
    this.#count(held, queued, 1);
  }

  #count(held: Held, { bytes, sender }: Queued, times: 1 | -1): void {
    held.bytes += times * bytes;
    this.#bytes += times * bytes;
    sender?.countBytes(times * bytes);
  }

  /**
   * Moves a message to the dead-letter queue. There the oldest messages give way, and a message
   * without room is only logged. It stays in its sender's share, and a queue that is created for
   * it counts as the sender's, beyond the share if need be.
   */
  #moveToDeadLetters(from: string, to: string, { id, message, sender }: Queued): void {
    this.#options.log.warn({ queue: from, message: id }, 'a message was delivered too often');
    const held = this.#held.get(to) ?? this.#make(to, sender);
    const queued = this.#queuedOf(message, sender, id);
    if (held === null || !this.#makesRoom(held, queued)) {
      held?.queue.settleIdle();
      this.#options.log.warn(
        { queue: to, message: id },
        'the dead-letter queue had no room for a message',
      );
      return;
    }
    this.#expect(held, queued);
    held.queue.put(queued);
  }

  /** Drops the oldest messages until it fits; false: those that are left cannot be dropped. */
  #makesRoom(held: Held, queued: Queued): boolean {
    while (!this.#hasRoom(held, queued)) if (!held.queue.dropOldest()) return false;
    return true;
  }

  #queuedOf(message: Message, sender: QueueShare | null, id?: string): Queued {
    this.#sequence += 1;
    return {
      id: id ?? `${this.#id}-${this.#sequence}`,
      bytes: this.#options.overheadBytes + octetsOf(message),
      deliveries: 0,
      message,
      sender,
      sequence: this.#sequence,
    };
  }
}
