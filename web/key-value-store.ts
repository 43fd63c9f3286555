/** Strings by key, kept for as long as the browser keeps them. Never throws. */
export interface KeyValueStore {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/**
 * Wraps a browser storage. If the storage is forbidden, full or broken, values last until the
 * page is closed. `open` is a function, because merely reading `window.localStorage` may throw.
 */
export class GuardedStore implements KeyValueStore {
  readonly #open: () => Storage;
  readonly #memory = new Map<string, string>();

  constructor(open: () => Storage) {
    this.#open = open;
  }

  get(key: string): string | null {
    const remembered = this.#memory.get(key);
    if (remembered !== undefined) return remembered;
    return this.#attempt((storage) => storage.getItem(key)) ?? null;
  }

  set(key: string, value: string): void {
    this.#memory.set(key, value);
    this.#attempt((storage) => storage.setItem(key, value));
  }

  remove(key: string): void {
    this.#memory.delete(key);
    this.#attempt((storage) => storage.removeItem(key));
  }

  #attempt<T>(use: (storage: Storage) => T): T | undefined {
    try {
      return use(this.#open());
    } catch {
      return undefined; // the value is still in memory
    }
  }
}
