import type { Cancel, Clock } from '../../clock.ts';
import { Fifo } from '../../routing/fifo.ts';

export interface FairTurnsOptions {
  readonly clock: Clock;
  /** True while the engine writes a commit. */
  readonly isCommitting: () => boolean;
}

/** Pieces that run after a pause for a commit before the next pause. */
const PIECES_MIN = 64;
/** The longest pause for a commit, which may fail or take very long. */
const WAY_MS = 5;

/**
 * Schedules the long work of many sessions in pieces, one piece in each turn of the event loop, so
 * that new input does not wait behind all of it. The work also pauses while a commit is written,
 * because the thread that writes it needs the core.
 */
export class FairTurns {
  readonly #options: FairTurnsOptions;
  readonly #waiting = new Fifo<() => void>();
  /** Ends the present pause for a commit; `null`: there is none. */
  #cancelWay: Cancel | null = null;
  #isScheduled = false;
  #piecesLeft = 0;

  constructor(options: FairTurnsOptions) {
    this.#options = options;
  }

  /** Resolves when the caller may do one piece. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  /** A commit was written and delivered: work that has paused goes on. */
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
