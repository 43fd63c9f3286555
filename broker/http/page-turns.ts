/**
 * Spreads responses with pages of histories over turns of the event loop, one each. The system takes
 * milliseconds to copy a large page, and reads of many pages end in the same turn.
 */
export class PageTurns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of the event loop that the caller has for its page alone. */
  take(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
