import type { Cancel, Clock } from '../../broker/clock.ts';

interface Task {
  at: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #tasks = new Set<Task>();
  /** Milliseconds since the clock was made. */
  #elapsed = 0;
  #wallOffset = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#wallOffset + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Sets the wall clock forward, or back; no time passes. */
  setWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#elapsed + ms, everyMs: null, run });
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#elapsed + ms, everyMs: ms, run });
  }

  /** Runs everything that is due by then, in the order of time. */
  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (let task = this.#next(until); task !== null; task = this.#next(until)) {
      this.#elapsed = Math.max(this.#elapsed, task.at);
      if (task.everyMs === null) this.#tasks.delete(task);
      else task.at += task.everyMs;
      task.run();
    }
    this.#elapsed = until;
  }

  get taskCount(): number {
    return this.#tasks.size;
  }

  #add(task: Task): Cancel {
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  #next(until: number): Task | null {
    let first: Task | null = null;
    for (const task of this.#tasks) {
      if (task.at <= until && (first === null || task.at < first.at)) first = task;
    }
    return first;
  }
}
