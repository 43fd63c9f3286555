import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** A session, as far as memory is concerned. */
export interface MemoryHolder {
  /** Bytes that wait because of it now: unsent output, partial input, transactions. */
  readonly heldBytes: number;
  /** Ends it at once, so that what it holds is freed. */
  shedForMemory(): void;
}

/** A store that keeps messages of no single session, such as the queues. */
export interface MemoryStore {
  readonly bytes: number;
}

export interface MemoryBudgetOptions {
  readonly bytesMax: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}

const MIB = 1_024 * 1_024;
/** The default takes no more than this, and no more than this part of V8's heap. */
const DEFAULT_BYTES_MAX = 512 * MIB;
const DEFAULT_HEAP_SHARE = 0.5;

/** Stores may take this part of the budget; the rest is always there for sessions. */
const STORES_SHARE = 0.5;
const LOG_EVERY_MS = 60_000;

/** The default: a process whose heap is limited must not meet that limit, as V8 ends it there. */
export function defaultBudgetBytes(
  heapBytesMax: number = getHeapStatistics().heap_size_limit,
): number {
  return Math.min(DEFAULT_BYTES_MAX, Math.floor(heapBytesMax * DEFAULT_HEAP_SHARE));
}

/**
 * One budget for everything that waits in memory over all sessions. When more is counted than it
 * allows, the sessions that hold the most are shed first, in a turn of the event loop of their own:
 * whoever counts may be iterating over sessions. Stores ask `hasRoomInStores` and refuse or evict
 * by themselves.
 */
export class MemoryBudget {
  readonly #holders = new Set<MemoryHolder>();
  readonly #options: MemoryBudgetOptions;
  /** Ended, but their connections still have to close: what they hold is freed then. */
  readonly #leaving = new Set<MemoryHolder>();
  readonly #stores: MemoryStore[] = [];
  #counted = 0;
  #isScheduled = false;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #shedCount = 0;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** Bytes that are counted now, those of the stores included. */
  get used(): number {
    return this.#counted + this.#storeBytes;
  }

  /** How many sessions were shed since the start. */
  get shedCount(): number {
    return this.#shedCount;
  }

  /** Counts bytes that wait from now on; a negative number: they wait no more. */
  count(bytes: number): void {
    this.#counted += bytes;
    if (bytes > 0 && this.used > this.#options.bytesMax) this.#schedule();
  }

  /** Counts the store's bytes from now on. */
  addStore(store: MemoryStore): void {
    this.#stores.push(store);
  }

  /** Whether the stores may keep so many bytes more. */
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

  /** Sheds the largest holders, until what they hold makes up for the excess. */
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
    // What a closed connection held is freed a moment later, and may have been shared with others.
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
