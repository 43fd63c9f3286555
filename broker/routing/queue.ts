// One queue: each message goes to one consumer, in turn, and is kept until it is acknowledged.
//
//              put                take                 settled
//   ─────────────────▶ waiting ──────────▶ with a consumer ──────▶ gone
//                       ▲  ▲                  │        │
//                       │  └──── its end ─────┘        │ NACK, nobody else has room
//                       └────────── delay ◀────────────┘            too often ─▶ dead-letter queue

import type { Cancel, Clock } from '../clock.ts';
import type { Consumer, Queued } from './consumer.ts';
import { Fifo } from './fifo.ts';

export interface QueueOptions {
  readonly clock: Clock;
  /** Deliveries after which a message goes to the dead-letter queue. */
  readonly deliveriesMax: number;
  /** The pause before a NACKed message is tried again; it doubles with each further NACK. */
  readonly retryMs: number;
  /** Takes a message that was delivered too often. Absent: it is tried for ever. */
  readonly onDeadLetter?: (queued: Queued) => void;
  /** A message has left the queue; its bytes are free again. */
  readonly onLeft: (queued: Queued) => void;
  /** Neither messages nor consumers are left. */
  readonly onIdle: () => void;
}

const RETRY_MS_MAX = 60_000;

export class Queue {
  readonly #consumers = new Set<Consumer>();
  /** Consumers that may have room; the first has waited longest for its turn. */
  readonly #ready = new Set<Consumer>();
  readonly #options: QueueOptions;
  /** Messages that came back, by sequence: they go before those that were never delivered. */
  readonly #returned: Queued[] = [];
  /** Messages that wait after a NACK. */
  readonly #retries = new Map<Queued, Cancel>();
  readonly #waiting = new Fifo<Queued>();
  #count = 0;
  #isPumping = false;
  /** True: a message was put, or a consumer left, since the last call of `unusedMs`. */
  #isUsed = true;
  #usedAt = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** The number of messages that are expected, waiting, with a consumer, or delayed. */
  get count(): number {
    return this.#count;
  }

  /** Announces a message: `put` or `giveUp` follows. */
  expect(): void {
    this.#isUsed = true;
    this.#count += 1;
  }

  put(expected: Queued): void {
    this.#waiting.push(expected);
    this.#pumpSoon();
  }

  giveUp(expected: Queued): void {
    this.#left(expected);
    this.settleIdle();
  }

  add(consumer: Consumer): void {
    this.#consumers.add(consumer);
    this.ready(consumer);
  }

  /** Its unacknowledged messages go to other consumers, or wait. */
  remove(consumer: Consumer, open: readonly Queued[]): void {
    this.#isUsed = true;
    this.#consumers.delete(consumer);
    this.#ready.delete(consumer);
    for (const queued of open) if (!this.#deadLettered(queued)) this.#giveBack(queued);
    this.settleIdle();
  }

  /** The consumer may have room again. */
  ready(consumer: Consumer): void {
    if (!this.#consumers.has(consumer)) return;
    this.#ready.add(consumer);
    this.#pumpSoon();
  }

  acknowledge(queued: Queued): void {
    this.#left(queued);
    this.settleIdle();
  }

  /** NACK: the message goes to another consumer that has room, or is tried again after a pause. */
  reject(queued: Queued, consumer: Consumer): void {
    if (this.#deadLettered(queued)) {
      this.settleIdle();
      return;
    }
    const other = this.#nextReady(consumer);
    if (other === null) {
      this.#retryLater(queued);
      return;
    }
    this.#handTo(other, queued);
    other.flush();
  }

  /** Drops the oldest message that no consumer has; false: there is none. */
  dropOldest(): boolean {
    const queued = this.#returned.shift() ?? this.#waiting.shift();
    if (queued === undefined) return false;
    this.#left(queued);
    return true;
  }

  /** Drops all messages that no consumer has; returns their number. */
  dropAll(): number {
    const before = this.#count;
    for (const [queued, cancel] of this.#retries) {
      cancel();
      this.#left(queued);
    }
    this.#retries.clear();
    while (this.dropOldest());
    this.settleIdle();
    return before - this.#count;
  }

  /**
   * The time since the queue was last used, as the calls of this method see it: use since the call
   * before counts as use now.
   */
  unusedMs(now: number): number {
    if (this.#isUsed || this.#consumers.size > 0) {
      this.#isUsed = false;
      this.#usedAt = now;
    }
    return now - this.#usedAt;
  }

  /** Calls `onIdle` if neither messages nor consumers are left. */
  settleIdle(): void {
    if (this.#count === 0 && this.#consumers.size === 0) this.#options.onIdle();
  }

  stop(): void {
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
  }

  /** Pumps at the end of the turn, so that the messages of one turn go out in one write. */
  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const [given, full] = [new Set<Consumer>(), new Set<Consumer>()];
    while (this.#returned.length > 0 || this.#waiting.length > 0) {
      const consumer = this.#nextReady(null, full);
      const queued = consumer && (this.#returned.shift() ?? this.#waiting.shift());
      if (!queued) break;
      this.#handTo(consumer, queued);
      given.add(consumer);
    }
    for (const consumer of given) consumer.flush();
    // They were full because of what their session had to write. After the write they may have room
    // again, and the socket does not say so.
    for (const consumer of full) if (consumer.hasRoom) this.ready(consumer);
    this.settleIdle();
  }

  /** The next consumer in turn. One without room is skipped, and added to `full`, until `ready`. */
  #nextReady(butNot: Consumer | null, full?: Set<Consumer>): Consumer | null {
    for (const consumer of this.#ready) {
      if (!consumer.hasRoom) {
        this.#ready.delete(consumer);
        full?.add(consumer);
      } else if (consumer !== butNot) return consumer;
    }
    return null;
  }

  #handTo(consumer: Consumer, queued: Queued): void {
    // It has had its turn, so it goes last.
    this.#ready.delete(consumer);
    this.#ready.add(consumer);
    queued.deliveries += 1;
    if (consumer.take(queued)) this.#left(queued);
  }

  #deadLettered(queued: Queued): boolean {
    const { deliveriesMax, onDeadLetter } = this.#options;
    if (onDeadLetter === undefined || queued.deliveries < deliveriesMax) return false;
    this.#left(queued);
    onDeadLetter(queued);
    return true;
  }

  #retryLater(queued: Queued): void {
    const { clock, retryMs } = this.#options;
    const delayMs = Math.min(RETRY_MS_MAX, retryMs * 2 ** (queued.deliveries - 1));
    const cancel = clock.after(delayMs, () => {
      this.#retries.delete(queued);
      this.#giveBack(queued);
    });
    this.#retries.set(queued, cancel);
  }

  #giveBack(queued: Queued): void {
    // A binary search: a whole window may come back, ahead of one that came back already.
    let [low, high] = [0, this.#returned.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#returned[middle]?.sequence ?? 0) < queued.sequence) low = middle + 1;
      else high = middle;
    }
    this.#returned.splice(low, 0, queued);
    this.#pumpSoon();
  }

  #left(queued: Queued): void {
    this.#count -= 1;
    this.#options.onLeft(queued);
  }
}
