// One queue: each message goes to one consumer, in turn, and is kept until it is acknowledged.
//
//              put                take                 settled
//   ─────────────────▶ waiting ──────────▶ with a consumer ──────▶ gone
//                       ▲  ▲                  │        │
//                       │  └──── its end ─────┘        │ NACK, nobody else has room
//                       └────────── delay ◀────────────┘            too often ─▶ dead

import type { Cancel, Clock } from '../clock.ts';
import type { Consumer, Queued } from './consumer.ts';
import { Fifo } from './fifo.ts';

export interface QueueOptions {
  readonly clock: Clock;
  /** Deliveries after which a message is dead. */
  readonly deliveriesMax: number;
  /** What a NACKed message waits for the first time; each further time twice as long. */
  readonly retryMs: number;
  /** Takes a message that was handed out too often. Absent: it is tried for ever. */
  readonly onDead?: (queued: Queued) => void;
  /** A message has left; the bytes are free again. */
  readonly onLeft: (queued: Queued) => void;
  /** Nothing and nobody is left. */
  readonly onIdle: () => void;
}

const RETRY_MS_MAX = 60_000;

export class Queue {
  readonly #consumers = new Set<Consumer>();
  /** Those that may have room; the first has waited longest for its turn. */
  readonly #ready = new Set<Consumer>();
  readonly #options: QueueOptions;
  /** Those that came back, by sequence: they go before what never went out. */
  readonly #returned: Queued[] = [];
  /** Those that wait after a NACK. */
  readonly #retries = new Map<Queued, Cancel>();
  readonly #waiting = new Fifo<Queued>();
  #count = 0;
  #isPumping = false;
  /** True: something was put, or a consumer left, since the last look at `unusedMs`. */
  #isUsed = true;
  #usedAt = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Messages that are expected, waiting, with a consumer, or delayed. */
  get count(): number {
    return this.#count;
  }

  /** One more message will be put, or given up. */
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

  /** Its messages that were not acknowledged go to others, or wait. */
  remove(consumer: Consumer, open: readonly Queued[]): void {
    this.#isUsed = true;
    this.#consumers.delete(consumer);
    this.#ready.delete(consumer);
    for (const queued of open) if (!this.#died(queued)) this.#giveBack(queued);
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

  /** To another consumer that has room, or back after a while. */
  reject(queued: Queued, consumer: Consumer): void {
    if (this.#died(queued)) {
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

  /** Drops the oldest message that is with no consumer; false: there is none. */
  dropOldest(): boolean {
    const queued = this.#returned.shift() ?? this.#waiting.shift();
    if (queued === undefined) return false;
    this.#left(queued);
    return true;
  }

  /** Drops all messages that are with no consumer; gives how many they were. */
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
   * For how long nobody has put anything or consumed, as far as it was asked before: what happened
   * since the last look counts as of now.
   */
  unusedMs(now: number): number {
    if (this.#isUsed || this.#consumers.size > 0) {
      this.#isUsed = false;
      this.#usedAt = now;
    }
    return now - this.#usedAt;
  }

  /** Says so if nothing and nobody is left. */
  settleIdle(): void {
    if (this.#count === 0 && this.#consumers.size === 0) this.#options.onIdle();
  }

  stop(): void {
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
  }

  /** At the end of the turn, so that what came in one turn goes out in one write. */
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
    // Full by what they, or others of their session, had to write, they may have room again without
    // any word from the socket.
    for (const consumer of full) if (consumer.hasRoom) this.ready(consumer);
    this.settleIdle();
  }

  /** The next in turn; those that turn out to be `full` are left out until they say otherwise. */
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
    // Last in the set: it has had its turn.
    this.#ready.delete(consumer);
    this.#ready.add(consumer);
    queued.deliveries += 1;
    if (consumer.take(queued)) this.#left(queued);
  }

  #died(queued: Queued): boolean {
    const { deliveriesMax, onDead } = this.#options;
    if (onDead === undefined || queued.deliveries < deliveriesMax) return false;
    this.#left(queued);
    onDead(queued);
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
    // A whole window may come back, before a whole window that came back already.
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
