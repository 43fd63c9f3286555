import type { Maybe } from '../maybe.ts';
import { Rejection } from './rejection.ts';

/** How a request ended. */
export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | Rejected
  | { readonly type: 'unknown' };

export interface Rejected {
  readonly type: 'rejected';
  readonly code: string;
  readonly text: string;
}

/** Runs a handler; what it throws is its answer if it is a rejection, and else a bug to report. */
export function answerOf<T>(handler: () => Maybe<T>): Maybe<Answer<T>> {
  try {
    const value = handler();
    return isPromise(value) ? Promise.resolve(value).then(answered, rejected) : answered(value);
  } catch (error) {
    return rejected(error);
  }
}

/** A promise may be of another realm than ours: Node's own are, in a jest test. */
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
