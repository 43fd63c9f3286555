import type { Cancel, Clock } from '../clock.ts';

/** Debounces a task: calls within a while run it once. */
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

  /** Runs the task at the end of the while that the first call began. */
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
