import type { KeyValueStore } from '../../key-value-store.ts';

const KEY_PREFIX = 'wschat.draft.';

/** What was typed in a room and not sent: there again after leaving it, or after a reload. */
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
