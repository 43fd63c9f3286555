/** Undoes what a clock was asked to do; calling it again, or too late, does nothing. */
export type Cancel = () => void;

/** Time, as it is passed to everything that needs it, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once, after `ms`. */
  after(ms: number, task: () => void): Cancel;
  /** Runs `task` again and again, `ms` apart. */
  every(ms: number, task: () => void): Cancel;
}

/** The clock on the wall. Its timers do not keep the process alive. */
export const wallClock: Clock = {
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms).unref();
    return () => clearInterval(timer);
  },
};
