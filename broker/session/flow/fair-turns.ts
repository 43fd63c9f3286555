import type { Cancel, Clock } from '../../clock.ts';
import { Fifo } from '../../routing/fifo.ts';

export interface FairTurnsOptions {
  readonly clock: Clock;
  /** Whether something is being committed. */
  readonly isCommitting: () => boolean;
}

/** Pieces that are done, after way was given, before it is given again. */
const PIECES_MIN = 64;
/** How long way is given at most: a commit may fail, or take very long. */
const WAY_MS = 5;

/**
 * Lets the long work of many sessions go on a piece at a time: one of them in each turn of the
 * event loop, so that nobody who has something new to say waits behind all of it. It also gives way
 * to what is being committed, as the thread that writes it needs the core meanwhile.
 */
export class FairTurns {
  readonly #options: FairTurnsOptions;
  readonly #waiting = new Fifo<() => void>();
  /** Set while way is given. */
  #cancelWay: Cancel | null = null;
  #isScheduled = false;
  #piecesLeft = 0;

  constructor(options: FairTurnsOptions) {
    this.#options = options;
  }

  /** Settles when it is the caller's turn for one piece. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  /** Something was committed, and those who get it were told. */
  committed(): void {
    if (this.#cancelWay === null) return;
    this.#cancelWay();
    this.#cancelWay = null;
    this.#piecesLeft = PIECES_MIN;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#cancelWay !== null || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    const { clock, isCommitting } = this.#options;
    if (this.#piecesLeft === 0 && isCommitting()) {
      this.#cancelWay = clock.after(WAY_MS, () => this.committed());
      return;
    }
    this.#piecesLeft = Math.max(0, this.#piecesLeft - 1);
    this.#waiting.shift()?.();
    this.#schedule();
  }
}
