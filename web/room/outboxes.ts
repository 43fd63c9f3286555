import type { Clock } from '../clock.ts';
import { Outbox } from './outbox.ts';

/** The outbox of each room with something unsent: it waits there for the next visit. */
export class Outboxes {
  readonly #byRoom = new Map<string, Outbox>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The room's outbox. Empty ones of other rooms are forgotten, so that visits leave nothing behind. */
  of(roomId: string): Outbox {
    for (const [other, { entries }] of this.#byRoom) {
      if (other !== roomId && entries.value.length === 0) this.#byRoom.delete(other);
    }
    const outbox = this.#byRoom.get(roomId) ?? new Outbox(this.#clock);
    this.#byRoom.set(roomId, outbox);
    return outbox;
  }
}
