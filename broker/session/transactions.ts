import { octetsOf } from '../../shared/octets.ts';
import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame } from '../stomp/frame.ts';

export interface TransactionLimits {
  /** Bytes of all open transactions of a session, of headers and bodies. */
  readonly transactionBytesMax: number;
  /** Frames of one transaction. */
  readonly transactionFramesMax: number;
  /** Open transactions of a session. */
  readonly transactionsMax: number;
}

interface Open {
  readonly frames: ClientFrame[];
  bytes: number;
}

/**
 * The open transactions of one session: frames that wait for their COMMIT (STOMP 1.2, "BEGIN").
 * They end with it, and nothing of them has happened then.
 */
export class Transactions {
  readonly #limits: TransactionLimits;
  readonly #open = new Map<string, Open>();
  #bytes = 0;

  constructor(limits: TransactionLimits) {
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
    const bytes = octetsOf(frame);
    const { transactionBytesMax, transactionFramesMax } = this.#limits;
    const hasRoom = open.frames.length < transactionFramesMax;
    if (!hasRoom || this.#bytes + bytes > transactionBytesMax) {
      throw new ProtocolError('TRANSACTION_TOO_LARGE', id);
    }
    open.frames.push(frame);
    open.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Its frames, in order; it is open no more. */
  end(id: string): readonly ClientFrame[] {
    const { bytes, frames } = this.#opened(id);
    this.#open.delete(id);
    this.#bytes -= bytes;
    return frames;
  }

  #opened(id: string): Open {
    const open = this.#open.get(id);
    if (open === undefined) throw new ProtocolError('NO_SUCH_TRANSACTION', id);
    return open;
  }
}
