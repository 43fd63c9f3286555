import type { KeyValueStore } from '../key-value-store.ts';

/**
 * Remembers over reloads which rooms this tab is in and under which name. A reloaded page can then
 * resume instead of entering anew, and the others see no second announcement.
 */
export class MembershipRecord {
  readonly #store: KeyValueStore;

  /** @param store session storage, because each tab has memberships of its own */
  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  has(roomId: string, sender: string): boolean {
    return this.#store.get(keyOf(roomId)) === sender;
  }

  add(roomId: string, sender: string): void {
    this.#store.set(keyOf(roomId), sender);
  }

  remove(roomId: string): void {
    this.#store.remove(keyOf(roomId));
  }
}

function keyOf(roomId: string): string {
  return `wschat.stay.${roomId}`;
}
