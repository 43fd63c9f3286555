import { newMessageId } from '../../message-id.ts';

/** The open pages of this browser, each identified for as long as it is open. */
export interface Pages {
  readonly ownId: string;
  /**
   * Runs `run` once the page with this id is closed. If that page is gone already, or the browser
   * cannot tell, `run` may be called before this returns.
   */
  whenGone(id: string, run: () => void): void;
}

const nameOf = (id: string): string => `wschat.page/${id}`;

/** Uses Web Locks: each page holds a lock, which the browser releases however the page ends. */
export class LockedPages implements Pages {
  readonly ownId = newMessageId();
  readonly #locks: LockManager | null;

  /**
   * @param locks `null` where the browser offers none, as over plain HTTP; every other page then
   *   counts as closed
   */
  constructor(locks: LockManager | null) {
    this.#locks = locks;
    this.#hold(this.ownId, () => new Promise<void>(() => {}));
  }

  whenGone(id: string, run: () => void): void {
    if (this.#locks === null) return run();
    this.#hold(id, async () => run());
  }

  #hold(id: string, during: () => Promise<void>): void {
    this.#locks?.request(nameOf(id), during).catch(() => {
      // If locks are forbidden, no other page can hold one, so it counts as closed.
      if (id !== this.ownId) void during();
    });
  }
}
