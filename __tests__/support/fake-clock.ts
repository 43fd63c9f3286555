import type { Cancel, Clock } from '../../broker/clock.ts';

interface Task {
  at: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #tasks = new Set<Task>();
  #now = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: null, run });
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: ms, run });
  }

  /** Runs everything that is due by then, in the order of time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let task = this.#next(until); task !== null; task = this.#next(until)) {
      this.#now = Math.max(this.#now, task.at);
      if (task.everyMs === null) this.#tasks.delete(task);
      else task.at += task.everyMs;
      task.run();
    }
    this.#now = until;
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
