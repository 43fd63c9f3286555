/** Undoes what a clock was asked to do; calling it again, or too late, does nothing. */
export type Cancel = () => void;

/** Time, as it is passed to everything that needs it, so that tests can hold it. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. It may be set, so it is for time stamps only. */
  now(): number;
  /** Milliseconds since a fixed moment, which no change of the wall clock moves: for durations. */
  monotonic(): number;
  /** Runs `task` once, after `ms`. */
  after(ms: number, task: () => void): Cancel;
  /** Runs `task` again and again, `ms` apart. */
  every(ms: number, task: () => void): Cancel;
}

/** The clocks of the system. Its timers do not keep the process alive. */
export const wallClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms).unref();
    return () => clearInterval(timer);
  },
};
