import { newMessageId } from '../../message-id.ts';

/** The open pages of this browser: each has a name as long as it is there. */
export interface Pages {
  readonly ownId: string;
  /** Runs `run`, perhaps at once, when the page of that name is gone, or nobody can tell. */
  whenGone(id: string, run: () => void): void;
}

const nameOf = (id: string): string => `wschat.page/${id}`;

/** Each page holds a lock that its browser releases for it, however it ends. */
export class LockedPages implements Pages {
  readonly ownId = newMessageId();
  readonly #locks: LockManager | null;

  /** `null`: the browser has none, as over plain http; then every other page counts as gone. */
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
      // A browser that forbids locks has no other pages to hold any.
      if (id !== this.ownId) void during();
    });
  }
}
