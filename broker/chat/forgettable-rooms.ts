import type { Maybe } from '../maybe.ts';

export interface ForgettableOptions {
  readonly forget: (roomId: string) => void;
  /** True if nothing keeps the room. */
  readonly isUnneeded: (roomId: string) => Maybe<boolean>;
}

/** Rooms that one call examines, so that its cost does not grow with the number of rooms. */
const LOOKED_AT_MAX = 64;

/** Rooms that may be forgotten, in the order in which they were last used or examined. */
export class ForgettableRooms {
  readonly #options: ForgettableOptions;
  readonly #roomIds = new Set<string>();

  constructor(options: ForgettableOptions) {
    this.#options = options;
  }

  add(roomId: string): void {
    this.#roomIds.add(roomId);
  }

  remove(roomId: string): void {
    this.#roomIds.delete(roomId);
  }

  /** Puts a room last, if it is among them. */
  touch(roomId: string): void {
    if (this.#roomIds.delete(roomId)) this.#roomIds.add(roomId);
  }

  /** Examines some rooms, until it is enough, and forgets those that nothing keeps. */
  forgetSome(isEnough: () => boolean): Maybe<void> {
    const count = Math.min(LOOKED_AT_MAX, this.#roomIds.size);
    return this.#lookAt(this.#roomIds.values(), count, isEnough);
  }

  #lookAt(roomIds: Iterator<string>, count: number, isEnough: () => boolean): Maybe<void> {
    for (let left = count; left > 0 && !isEnough(); left -= 1) {
      const { done, value: roomId } = roomIds.next();
      if (done === true) return;
      // If the room has to stay, the next call begins with others.
      this.touch(roomId);
      const isUnneeded = this.#options.isUnneeded(roomId);
      if (isUnneeded instanceof Promise) {
        return isUnneeded.then((answer) => {
          // Another call may have made place meanwhile.
          if (answer && !isEnough()) this.#options.forget(roomId);
          return this.#lookAt(roomIds, left - 1, isEnough);
        });
      }
      if (isUnneeded) this.#options.forget(roomId);
    }
  }
}
