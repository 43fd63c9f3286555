import { personKey } from '../../../shared/names.ts';
import type { Clock } from '../../clock.ts';
import { Outbox } from './outbox.ts';
import type { OutboxStorage } from './outbox-storage.ts';

/** Outboxes by room and person. One with unsent messages is kept for the next visit. */
export class Outboxes {
  readonly #clock: Clock;
  readonly #open = new Map<string, Outbox>();
  readonly #storageOf: (roomId: string, sender: string) => OutboxStorage;

  constructor(clock: Clock, storageOf: (roomId: string, sender: string) => OutboxStorage) {
    this.#clock = clock;
    this.#storageOf = storageOf;
  }

  /** Also closes all empty outboxes of other rooms and people, so that visits do not accumulate. */
  of(roomId: string, sender: string): Outbox {
    const wanted = `${roomId}/${personKey(sender)}`;
    for (const [key, outbox] of this.#open) {
      if (key === wanted || outbox.entries.value.length > 0) continue;
      outbox.close();
      this.#open.delete(key);
    }
    const outbox =
      this.#open.get(wanted) ?? new Outbox(this.#clock, this.#storageOf(roomId, sender));
    this.#open.set(wanted, outbox);
    return outbox;
  }
}
