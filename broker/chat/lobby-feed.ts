import type { RoomListChange } from '../../shared/rooms.ts';
import type { Clock } from '../clock.ts';
import { type Maybe, settle } from '../maybe.ts';
import { Gathering } from './gathering.ts';

export interface LobbyFeedOptions {
  readonly changeOf: (roomIds: readonly string[]) => Maybe<RoomListChange>;
  readonly clock: Clock;
  /** Called with the error if `changeOf` rejects. */
  readonly failed: (error: unknown) => void;
  readonly gatherMs: number;
  /** Rooms in one message; more go with the next. */
  readonly listMax: number;
  readonly publish: (change: RoomListChange) => void;
}

/**
 * Publishes the rooms that changed. Each change has the whole room as it is by then, so that
 * errors do not add up.
 */
export class LobbyFeed {
  readonly #changed = new Set<string>();
  readonly #gathering: Gathering;
  readonly #options: LobbyFeedOptions;
  #isAsking = false;

  constructor(options: LobbyFeedOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options.clock, options.gatherMs, () => this.#publish());
  }

  changed(roomId: string): void {
    this.#changed.add(roomId);
    this.#gathering.ask();
  }

  stop(): void {
    this.#gathering.stop();
  }

  #publish(): void {
    // Two answers might come in the wrong order.
    if (this.#isAsking) return;
    const { changeOf, failed, publish } = this.#options;
    const published = settle(changeOf(this.#take()), publish);
    if (!(published instanceof Promise)) {
      this.#askForRest();
      return;
    }
    this.#isAsking = true;
    void published.catch(failed).then(() => {
      this.#isAsking = false;
      this.#askForRest();
    });
  }

  #askForRest(): void {
    if (this.#changed.size > 0) this.#gathering.ask();
  }

  #take(): string[] {
    const roomIds: string[] = [];
    for (const roomId of this.#changed) {
      if (roomIds.length === this.#options.listMax) break;
      this.#changed.delete(roomId);
      roomIds.push(roomId);
    }
    return roomIds;
  }
}
