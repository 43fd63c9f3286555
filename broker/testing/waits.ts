import type { Cancel, Clock } from '../clock.ts';

/** A pending wait. */
export interface Wanted<T> {
  /** The result; `null`: not yet. */
  readonly look: () => T | null;
  /** Describes what is there instead, for the error of a wait that fails. */
  readonly explain: () => string;
  readonly timeoutMs: number;
}

interface Waiting {
  readonly fail: (why: string) => void;
  readonly look: () => boolean;
}

/** All pending waits for events in the broker. */
export class Waits {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting = new Set<Waiting>();
  #isLooking = false;
  #isStopped = false;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Resolves with the result as soon as there is one. Rejects, with what is there instead. */
  until<T>({ explain, look, timeoutMs }: Wanted<T>): Promise<T> {
    // Created now, so that its stack shows the line that waits.
    const failure = new Error();
    return new Promise((resolve, reject) => {
      let cancel: Cancel = () => undefined;
      const settle = (outcome: () => void) => {
        this.#waiting.delete(waiting);
        cancel();
        outcome();
      };
      const waiting: Waiting = {
        fail: (why) => settle(() => reject(tell(failure, `${why}. ${explain()}`))),
        look: () => {
          const found = look();
          if (found !== null) settle(() => resolve(found));
          return found !== null;
        },
      };
      if (waiting.look()) return;
      this.#waiting.add(waiting);
      if (this.#isStopped) waiting.fail('the broker has stopped');
      else cancel = this.#clock.after(timeoutMs, () => waiting.fail(`not within ${timeoutMs} ms`));
    });
  }

  /** Checks all waits, once for all events of one turn. */
  changed(): void {
    if (this.#isLooking || this.#waiting.size === 0) return;
    this.#isLooking = true;
    queueMicrotask(() => {
      this.#isLooking = false;
      for (const waiting of [...this.#waiting]) waiting.look();
    });
  }

  /** Rejects all waits. */
  stop(): void {
    this.#isStopped = true;
    for (const waiting of [...this.#waiting]) waiting.fail('the broker has stopped');
  }
}

function tell(failure: Error, text: string): Error {
  const lines = failure.stack?.split('\n').slice(1) ?? [];
  failure.message = text;
  failure.stack = [`Error: ${text}`, ...lines].join('\n');
  return failure;
}
