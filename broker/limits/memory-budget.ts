import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** A session as the memory budget sees it. */
export interface MemoryHolder {
  /** Bytes that the session keeps in memory: unsent output, partial input, transactions. */
  readonly heldBytes: number;
  /** Ends the session at once, which frees its memory. */
  shedForMemory(): void;
}

/** A store of messages that belong to no single session, such as the queues. */
export interface MemoryStore {
  readonly bytes: number;
}

export interface MemoryBudgetOptions {
  readonly bytesMax: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}

const MIB = 1_024 * 1_024;
/** Upper bounds of the default: a fixed size, and a part of V8's heap limit. */
const DEFAULT_BYTES_MAX = 512 * MIB;
const DEFAULT_HEAP_SHARE = 0.5;

/** The part of the budget that stores may use; the rest is reserved for sessions. */
const STORES_SHARE = 0.5;
const LOG_EVERY_MS = 60_000;

/** The default budget. It stays below V8's heap limit, where V8 would end the process. */
export function defaultBudgetBytes(
  heapBytesMax: number = getHeapStatistics().heap_size_limit,
): number {
  return Math.min(DEFAULT_BYTES_MAX, Math.floor(heapBytesMax * DEFAULT_HEAP_SHARE));
}

/**
 * One budget for everything that waits in memory, over all sessions. When it is exceeded, the
 * sessions that hold the most are shed, in a later turn of the event loop because the caller may
 * be iterating over sessions. Stores ask `hasRoomInStores`, and refuse or evict by themselves.
 */
export class MemoryBudget {
  readonly #holders = new Set<MemoryHolder>();
  readonly #options: MemoryBudgetOptions;
  /**
   * Sessions that have ended but whose connections are still closing; they free their memory
   * then.
   */
  readonly #leaving = new Set<MemoryHolder>();
  readonly #stores: MemoryStore[] = [];
  #counted = 0;
  #isScheduled = false;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #shedCount = 0;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** Bytes in use, those of the stores included. */
  get used(): number {
    return this.#counted + this.#storeBytes;
  }

  /** Number of sessions that were shed since the start. */
  get shedCount(): number {
    return this.#shedCount;
  }

  /** Adds bytes that wait from now on. A negative number takes off bytes that no longer wait. */
  count(bytes: number): void {
    this.#counted += bytes;
    if (bytes > 0 && this.used > this.#options.bytesMax) this.#schedule();
  }

  /** Includes the bytes of a store from now on. */
  addStore(store: MemoryStore): void {
    this.#stores.push(store);
  }

  /** True if the stores together may keep so many more bytes. */
  hasRoomInStores(bytes: number): boolean {
    return this.#storeBytes + bytes <= this.#options.bytesMax * STORES_SHARE;
  }

  join(holder: MemoryHolder): void {
    this.#holders.add(holder);
  }

  leave(holder: MemoryHolder): void {
    this.#holders.delete(holder);
    this.#leaving.delete(holder);
  }

  get #storeBytes(): number {
    let bytes = 0;
    for (const store of this.#stores) bytes += store.bytes;
    return bytes;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#relieve();
    });
  }

  /** Sheds the largest holders until their bytes make up for the excess. */
  #relieve(): void {
    let excess = this.used - this.#options.bytesMax;
    for (const { heldBytes } of this.#leaving) excess -= heldBytes;
    if (excess <= 0) return;
    const holders = [...this.#holders].map((holder) => ({ holder, bytes: holder.heldBytes }));
    holders.sort((one, other) => other.bytes - one.bytes);
    let shed = 0;
    for (const { holder, bytes } of holders) {
      if (excess <= 0 || bytes === 0) break;
      this.#holders.delete(holder);
      this.#leaving.add(holder);
      holder.shedForMemory();
      excess -= bytes;
      shed += 1;
    }
    this.#shedCount += shed;
    this.#logShed(shed);
    // A closed connection frees its bytes a moment later, and may have shared them with others.
    if (shed > 0 && this.used > this.#options.bytesMax) this.#schedule();
  }

  #logShed(sessions: number): void {
    const { bytesMax, clock, log } = this.#options;
    const now = clock.monotonic();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    log.warn({ bytesMax, sessions, used: this.used }, 'the memory budget is used up');
  }
}
