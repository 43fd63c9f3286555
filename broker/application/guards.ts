import type { Maybe } from '../maybe.ts';
import { type Answer, answerOf, isPromise } from './answer.ts';
import type { Caller, HeaderPair } from './request.ts';

/** What a guard is asked about: a SEND or a SUBSCRIBE as its client wrote it. */
export interface Guarded {
  /** Of a SUBSCRIBE it is empty. */
  readonly body: Buffer;
  readonly caller: Caller;
  readonly command: 'SEND' | 'SUBSCRIBE';
  /** With its prefix, whatever it is: a topic, a queue, a user's, a pattern, or nothing we know. */
  readonly destination: string;
  /** All of them, the broker's own names too. */
  readonly headers: readonly HeaderPair[];
}

/**
 * Lets what it is asked about pass by returning nothing, or rejects. The next frame of the
 * session starts when it has settled.
 */
export type Guard = (guarded: Guarded) => Maybe<void>;

/** Guards in the order in which they were registered: the first that rejects decides. */
export class Guards {
  readonly #guards: Guard[] = [];

  get count(): number {
    return this.#guards.length;
  }

  add(guard: Guard): void {
    this.#guards.push(guard);
  }

  check(guarded: Guarded): Maybe<Answer<void>> {
    return answerOf(() => this.#checkFrom(0, guarded));
  }

  #checkFrom(first: number, guarded: Guarded): Maybe<void> {
    for (let at = first; at < this.#guards.length; at += 1) {
      const passed: unknown = this.#guards[at]?.(guarded);
      if (isPromise(passed)) {
        return Promise.resolve(passed).then((later) => {
          expectNothing(later);
          return this.#checkFrom(at + 1, guarded);
        });
      }
      expectNothing(passed);
    }
  }
}

/** A guard that says `false` in JavaScript means no: it must not be taken for a yes. */
function expectNothing(passed: unknown): void {
  if (passed !== undefined) throw new TypeError('a guard rejects, or returns nothing');
}
