import { Fifo } from '../routing/fifo.ts';

/**
 * Lets the long work of many sessions go on a piece at a time: one of them in each turn of the event
 * loop, so that nobody who has something new to say waits behind all of it.
 */
export class FairTurns {
  readonly #waiting = new Fifo<() => void>();
  #isScheduled = false;

  /** Settles when it is the caller's turn for one piece. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#waiting.shift()?.();
      this.#schedule();
    });
  }
}
