import type { MemoryShare } from '../../limits/memory-share.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import type { ClientFrame } from '../../stomp/frame.ts';
import { heapBytesOf } from '../../stomp/heap-bytes.ts';

export interface TransactionLimits {
  /** Bytes that all open transactions of a session take on the heap. */
  readonly transactionBytesMax: number;
  /** Frames of one transaction. */
  readonly transactionFramesMax: number;
  /** Open transactions of a session. */
  readonly transactionsMax: number;
}

/** The frames of a transaction, and their size on the heap. */
export interface Held {
  readonly frames: ClientFrame[];
  bytes: number;
}

/**
 * The open transactions of one session: frames that wait for their COMMIT (STOMP 1.2, "BEGIN").
 * Transactions that are open when the session ends are aborted.
 */
export class Transactions {
  readonly #limits: TransactionLimits;
  readonly #memory: MemoryShare;
  readonly #open = new Map<string, Held>();
  #bytes = 0;

  constructor(limits: TransactionLimits, memory: MemoryShare) {
    this.#memory = memory;
    this.#limits = limits;
  }

  begin(id: string): void {
    if (this.#open.has(id)) throw new ProtocolError('DUPLICATE_TRANSACTION', id);
    if (this.#open.size >= this.#limits.transactionsMax) {
      throw new ProtocolError('TOO_MANY_TRANSACTIONS');
    }
    this.#open.set(id, { frames: [], bytes: 0 });
  }

  add(id: string, frame: ClientFrame): void {
    const open = this.#opened(id);
    const bytes = heapBytesOf(frame);
    const { transactionBytesMax, transactionFramesMax } = this.#limits;
    const hasRoom = open.frames.length < transactionFramesMax;
    if (!hasRoom || this.#bytes + bytes > transactionBytesMax) {
      throw new ProtocolError('TRANSACTION_TOO_LARGE', id);
    }
    open.frames.push(frame);
    open.bytes += bytes;
    this.#bytes += bytes;
    this.#memory.count(bytes);
  }

  /** Aborts a transaction, and drops its frames. */
  end(id: string): void {
    this.release(this.take(id));
  }

  /**
   * Closes a transaction, and returns its frames in order; they count in memory until `release`.
   */
  take(id: string): Held {
    const held = this.#opened(id);
    this.#open.delete(id);
    this.#bytes -= held.bytes;
    return held;
  }

  release({ bytes }: Held): void {
    this.#memory.count(-bytes);
  }

  /** Aborts all transactions. */
  clear(): void {
    for (const id of [...this.#open.keys()]) this.end(id);
  }

  #opened(id: string): Held {
    const open = this.#open.get(id);
    if (open === undefined) throw new ProtocolError('NO_SUCH_TRANSACTION', id);
    return open;
  }
}
