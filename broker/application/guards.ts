import type { Maybe } from '../maybe.ts';
import { type Answer, answerOf, isPromise } from './answer.ts';
import type { Caller, HeaderPair } from './request.ts';

/** A SEND or SUBSCRIBE as its client wrote it. */
export interface Guarded {
  /** Empty for a SUBSCRIBE. */
  readonly body: Buffer;
  readonly caller: Caller;
  readonly command: 'SEND' | 'SUBSCRIBE';
  /** With its prefix. It may be a pattern, or a destination that does not exist. */
  readonly destination: string;
  /** All headers, those that the broker reads included. */
  readonly headers: readonly HeaderPair[];
}

/**
 * Rejects the frame, or lets it pass by returning nothing. The next frame of the session waits
 * until the guard has settled.
 */
export type Guard = (guarded: Guarded) => Maybe<void>;

/** Guards in the order in which they were added. The first that rejects decides. */
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

/** Throws if a guard returned a value: in JavaScript `false` may be meant as a rejection. */
function expectNothing(passed: unknown): void {
  if (passed !== undefined) throw new TypeError('a guard rejects, or returns nothing');
}
