import type { Maybe } from '../maybe.ts';
import { Rejection } from './rejection.ts';

/** The outcome of a request. */
export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | Rejected
  | { readonly type: 'unknown' };

export interface Rejected {
  readonly type: 'rejected';
  readonly code: string;
  readonly text: string;
}

/** Runs a handler. A `Rejection` becomes its answer; any other error is a bug and is thrown. */
export function answerOf<T>(handler: () => Maybe<T>): Maybe<Answer<T>> {
  try {
    const value = handler();
    return isPromise(value) ? Promise.resolve(value).then(answered, rejected) : answered(value);
  } catch (error) {
    return rejected(error);
  }
}

/**
 * Tests for `then`, because a promise may be of another realm, as Node's own are in a jest test.
 */
export function isPromise(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

function answered<T>(value: T): Answer<T> {
  return { type: 'answered', value };
}

function rejected(error: unknown): Rejected {
  if (!(error instanceof Rejection)) throw error;
  return { type: 'rejected', code: error.code, text: error.message };
}
