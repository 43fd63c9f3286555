/** Cancels a scheduled task. Calling it again, or after the task has run, has no effect. */
export type Cancel = () => void;

/** The source of time. It is passed to every part that needs it, so that tests can control it. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, for time stamps only, as operators may change it. */
  now(): number;
  /** Monotonic time in milliseconds, for durations: changes of the wall clock do not affect it. */
  monotonic(): number;
  /** Runs `task` once, after `ms`. */
  after(ms: number, task: () => void): Cancel;
  /** Runs `task` again and again, `ms` apart. */
  every(ms: number, task: () => void): Cancel;
}

/** The system's clocks. Their timers do not keep the process alive. */
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
