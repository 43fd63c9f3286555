import type { RoomListChange, RoomSummary } from '../../shared/rooms.ts';
import type { Clock } from '../clock.ts';
import { Gathering } from './gathering.ts';
import type { Rooms } from './rooms.ts';

export interface LobbyFeedOptions {
  readonly clock: Clock;
  readonly gatherMs: number;
  /** Rooms in one message; more go with the next. */
  readonly listMax: number;
  readonly publish: (change: RoomListChange) => void;
  readonly rooms: Rooms;
}

/** Tells the lobby which rooms changed: each as it is by then, so that nothing adds up wrongly. */
export class LobbyFeed {
  readonly #changed = new Set<string>();
  readonly #gathering: Gathering;
  readonly #options: LobbyFeedOptions;

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
    const { listMax, publish, rooms } = this.#options;
    rooms.telling();
    const changed: RoomSummary[] = [];
    const gone: string[] = [];
    for (const roomId of this.#changed) {
      if (changed.length + gone.length === listMax) break;
      this.#changed.delete(roomId);
      const room = rooms.find(roomId);
      if (room === null) gone.push(roomId);
      else changed.push(room);
    }
    publish({ type: 'CHANGED', rooms: changed, gone, total: rooms.total });
    if (this.#changed.size > 0) this.#gathering.ask();
  }
}
