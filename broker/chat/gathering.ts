import type { Cancel, Clock } from '../clock.ts';

/** Coalesces calls: runs a task once for all calls within a period. */
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

  /** Runs the task at the end of the period, which the first call begins. */
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
