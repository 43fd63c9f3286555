import type { KeyValueStore } from '../key-value-store.ts';

/**
 * Which rooms this tab is in, and as whom, over reloads: whoever comes back is nobody's news, as
 * long as the broker still counts them.
 */
export class MembershipRecord {
  readonly #store: KeyValueStore;

  /** @param store of this tab alone: another one is another stay */
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
