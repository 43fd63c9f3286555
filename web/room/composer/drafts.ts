import type { KeyValueStore } from '../../key-value-store.ts';

const KEY_PREFIX = 'wschat.draft.';

/**
 * Unsent text of each room's composer, restored when the room is opened again or the tab reloads.
 */
export class Drafts {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  of(roomId: string): string {
    return this.#store.get(KEY_PREFIX + roomId) ?? '';
  }

  keep(roomId: string, text: string): void {
    if (text === '') this.#store.remove(KEY_PREFIX + roomId);
    else this.#store.set(KEY_PREFIX + roomId, text);
  }
}
