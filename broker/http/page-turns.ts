/**
 * Spreads requests for pages of a history over turns of the event loop, one each: reading a large
 * page takes milliseconds, and so does the system's copy of it.
 */
export class PageTurns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of the event loop that no other page uses. */
  take(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
