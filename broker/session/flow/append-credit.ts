import type { MemoryShare } from '../../limits/memory-share.ts';
import type { AppendBudget, AppendShare, Relieved } from './append-budget.ts';
import type { Replies } from './replies.ts';

export interface AppendCreditLimits {
  /** Bytes of one session that may wait for their commit before it is no longer read. */
  readonly appendBytesMax: number;
  /** Messages of one session that may wait for their commit before it is no longer read. */
  readonly appendsMax: number;
}

/** The size of one append. */
export interface AppendSize {
  /** The number of messages. */
  readonly count: number;
  readonly heapBytes: number;
  readonly octets: number;
}

export interface AppendCreditOptions {
  readonly budget: AppendBudget;
  /** The user or address whose sessions have one share. */
  readonly client: string;
  readonly limits: AppendCreditLimits;
  readonly memory: MemoryShare;
  /** Goes on reading when credit was released. */
  readonly reader: Relieved;
  readonly replies: Replies;
}

/**
 * Limits the messages that one session has waiting for their commit. A session that has used up its
 * credit is not read. Reservations also count in its client's share.
 */
export class AppendCredit {
  /** The share that all sessions of this client have together. */
  readonly share: AppendShare;
  readonly #budget: AppendBudget;
  readonly #limits: AppendCreditLimits;
  readonly #memory: MemoryShare;
  readonly #reader: Relieved;
  readonly #replies: Replies;
  #bytes = 0;
  #count = 0;

  constructor({ budget, client, limits, memory, reader, replies }: AppendCreditOptions) {
    this.#budget = budget;
    this.#limits = limits;
    this.#memory = memory;
    this.#replies = replies;
    this.#reader = reader;
    this.share = budget.join(client);
  }

  /** Octets that wait for their commit; the engine counts them in the memory budget. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * True while as many messages wait for their commit, or replies for their turn, as is allowed.
   */
  get isUsedUp(): boolean {
    const { appendBytesMax, appendsMax } = this.#limits;
    const waiting = Math.max(this.#count, this.#replies.length);
    return waiting >= appendsMax || this.#bytes >= appendBytesMax;
  }

  /** Counts an append that now waits for its commit. */
  reserve({ count, heapBytes, octets }: AppendSize): void {
    this.#count += count;
    this.#bytes += octets;
    this.share.add(count, octets);
    this.#memory.count(heapBytes - octets);
  }

  /** The append was committed or refused: sessions that waited for credit are read again. */
  release({ count, heapBytes, octets }: AppendSize): void {
    this.#count -= count;
    this.#bytes -= octets;
    this.#memory.count(octets - heapBytes);
    this.share.remove(count, octets);
    this.#budget.freed();
    this.#reader.relieved();
  }

  /** Leaves the client's share; appends that still wait are released when they settle. */
  leave(): void {
    this.share.leave();
    this.share.forget(this.#reader);
  }
}
