import type { Maybe } from './application-port.ts';

/** As `then`, but what is there already is not waited for. */
export function settle<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
