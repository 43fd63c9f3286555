/** An answer that is there already, or that comes later. */
export type Maybe<T> = T | Promise<T>;

/** As `then`, except that an answer that is there already is used in the same turn. */
export function settle<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
