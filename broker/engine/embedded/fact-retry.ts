import type { Cancel, Clock } from '../../clock.ts';

const RETRY_MS = 5_000;

/** Writes facts that could not be written once more, after a pause. */
export class FactRetry {
  readonly #clock: Clock;
  readonly #retry: () => void;
  #cancel: Cancel | null = null;

  constructor(clock: Clock, retry: () => void) {
    this.#clock = clock;
    this.#retry = retry;
  }

  /** Starts one timer, however many commits fail meanwhile. */
  start(): void {
    this.#cancel ??= this.#clock.after(RETRY_MS, () => {
      this.#cancel = null;
      this.#retry();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
