import type { Cancel, Clock } from '../clock.ts';

/** Runs a task once for all that was asked of it within a while. */
export class Gathering {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #task: () => void;
  #cancel: Cancel | null = null;
  #isStopped = false;

  constructor(clock: Clock, ms: number, task: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#task = task;
  }

  /** The task runs at the end of the while that the first call began. */
  ask(): void {
    if (this.#isStopped) return;
    this.#cancel ??= this.#clock.after(this.#ms, () => {
      this.#cancel = null;
      this.#task();
    });
  }

  /** The task never runs again. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }
}
