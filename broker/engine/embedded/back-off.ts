import type { Cancel, Clock } from '../../clock.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Tries a failed action again after a pause that doubles with each failure, from 1 s to 60 s. */
export class BackOff {
  readonly #clock: Clock;
  readonly #retry: () => void;
  #cancel: Cancel | null = null;
  #cause: unknown = null;
  #failedAt: number | null = null;
  #pauseMs = FIRST_MS;

  constructor(clock: Clock, retry: () => void) {
    this.#clock = clock;
    this.#retry = retry;
  }

  /** True if the last attempt failed. */
  get isFailing(): boolean {
    return this.#failedAt !== null;
  }

  /** The time since the first of the attempts that all failed; 0 after a success. */
  get failingMs(): number {
    return this.#failedAt === null ? 0 : this.#clock.monotonic() - this.#failedAt;
  }

  /** @throws the cause of the last failure while it is too early for another attempt */
  check(): void {
    if (this.#cancel !== null) throw this.#cause;
  }

  /** Schedules `retry`, and returns the pause before it. */
  failed(cause: unknown): number {
    this.#cancel?.();
    this.#cause = cause;
    if (this.#failedAt === null) this.#pauseMs = FIRST_MS;
    else this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_MS);
    this.#failedAt ??= this.#clock.monotonic();
    this.#cancel = this.#clock.after(this.#pauseMs, () => {
      this.#cancel = null;
      this.#retry();
    });
    return this.#pauseMs;
  }

  succeeded(): void {
    this.stop();
    this.#failedAt = null;
  }

  /** Cancels the next attempt. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
