import { randomBytes } from 'node:crypto';
import { octetsOf } from '../../shared/octets.ts';
import type { Caller } from '../application/request.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Message } from '../engine/engine.ts';
import type { MemoryBudget, MemoryStore } from '../limits/memory-budget.ts';
import type { Log } from '../log.ts';
import type { Consumer, Queued } from './consumer.ts';
import { Queue } from './queue.ts';
import { type QueueShare, type QueueShareLimits, QueueShares } from './queue-shares.ts';

export interface QueueLimits extends QueueShareLimits {
  /** Bytes of one queue, of headers and bodies. */
  readonly queueBytes: number;
  /** Messages of one queue. */
  readonly queueCount: number;
  /** Deliveries after which a message goes to the dead. */
  readonly queueDeliveriesMax: number;
  /** What a queue without consumers and new messages is kept for; 0: for ever. */
  readonly queueExpireMs: number;
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
  readonly memory: Pick<MemoryBudget, 'hasRoomInStores'>;
  /** What a message counts besides its octets. */
  readonly overheadBytes: number;
  /** The destinations of queues begin with it, and a slash. */
  readonly prefix: string;
}

export const QUEUE_REFUSALS = {
  QUEUE_FULL: 'the queue is full, or as much as may waits in queues, of this client or of all',
  TOO_MANY_QUEUES: 'there are as many queues as there may be, of this client or of all',
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
  readonly isDead: boolean;
  /** Whose share it counts in; `null`: the server's own queues count in none. */
  readonly maker: QueueShare | null;
  readonly queue: Queue;
  bytes: number;
}

/** Looks for queues that have expired are at most this far apart. */
const LOOK_MS_MAX = 60_000;
const LOOK_MS_MIN = 100;

/** All queues of this process, by destination; in memory, and only while there is something in them. */
export class Queues implements MemoryStore {
  readonly #cancelLooks: Cancel;
  readonly #id = randomBytes(6).toString('hex');
  readonly #options: QueuesOptions;
  readonly #held = new Map<string, Held>();
  readonly #shares: QueueShares;
  #bytes = 0;
  #sequence = 0;

  constructor(options: QueuesOptions) {
    this.#options = options;
    this.#shares = new QueueShares(options.limits);
    this.#cancelLooks = this.#lookForExpired();
  }

  /** Of all messages, as they count against the limits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many users and addresses have made a queue, or have messages in one. */
  get clients(): number {
    return this.#shares.size;
  }

  /** How many queues there are. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Keeps room for a message, so that it can still be refused together with others.
   *
   * @param caller whose message it is; `null`: the server's own
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

  /** Adds a consumer to the queue, which is made if it is not there. */
  subscribe(destination: string, consumer: Consumer, caller: Caller): Queue | QueueRefusal {
    const held = this.#heldAt(destination, this.#shares.of(caller));
    if (held === null) return 'TOO_MANY_QUEUES';
    held.queue.add(consumer);
    return held.queue;
  }

  /** Nothing that waits is tried again. */
  stop(): void {
    this.#cancelLooks();
    for (const { queue } of this.#held.values()) queue.stop();
  }

  #lookForExpired(): Cancel {
    const { clock, limits } = this.#options;
    const { queueExpireMs } = limits;
    if (queueExpireMs === 0) return () => undefined;
    const lookMs = Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, Math.floor(queueExpireMs / 4)));
    return clock.every(lookMs, () => this.#expire(clock.monotonic()));
  }

  /** A dead-letter queue never expires: an operator is to see what is in it. */
  #expire(now: number): void {
    let [messages, queues] = [0, 0];
    for (const { isDead, queue } of this.#held.values()) {
      if (isDead || queue.unusedMs(now) < this.#options.limits.queueExpireMs) continue;
      messages += queue.dropAll();
      queues += 1;
    }
    if (queues > 0) this.#options.log.warn({ messages, queues }, 'queues that nobody used expired');
  }

  #heldAt(destination: string, maker: QueueShare | null): Held | null {
    const known = this.#held.get(destination);
    if (known !== undefined) return known;
    return maker === null || maker.mayMakeQueue ? this.#make(destination, maker) : null;
  }

  /** `null`: there are as many as there may be. */
  #make(destination: string, maker: QueueShare | null): Held | null {
    const { clock, limits, prefix } = this.#options;
    if (this.#held.size >= limits.queuesMax) return null;
    const path = destination.slice(prefix.length);
    const isDead = path.startsWith('/dead/');
    const held: Held = {
      bytes: 0,
      isDead,
      maker,
      queue: new Queue({
        clock,
        deliveriesMax: limits.queueDeliveriesMax,
        retryMs: limits.queueRetryMs,
        onIdle: () => this.#forget(destination, held),
        onLeft: (queued) => this.#count(held, queued, -1),
        // What is dead already does not die again.
        ...(isDead
          ? {}
          : { onDead: (queued) => this.#bury(destination, `${prefix}/dead${path}`, queued) }),
      }),
    };
    this.#held.set(destination, held);
    maker?.countQueue(1);
    return held;
  }

  #forget(destination: string, held: Held): void {
    // A queue that is forgotten may say so again, when another one has its name.
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
   * Among the dead the oldest give way, and a message that finds no place is only logged. It stays in
   * its sender's share, and its queue is counted as that sender's, beyond the share if need be.
   */
  #bury(from: string, to: string, { id, message, sender }: Queued): void {
    this.#options.log.warn({ queue: from, message: id }, 'a message was handed out too often');
    const held = this.#held.get(to) ?? this.#make(to, sender);
    const queued = this.#queuedOf(message, sender, id);
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
