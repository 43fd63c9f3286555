/** A value, or a promise of it. */
export type Maybe<T> = T | Promise<T>;

/** Like `then`, but calls `next` synchronously with a value that is no promise. */
export function settle<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
