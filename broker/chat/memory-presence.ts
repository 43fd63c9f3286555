import { personKey } from '../../shared/names.ts';
import type { PresenceChange, PresenceState } from '../../shared/presence.ts';
import type { Clock } from '../clock.ts';
import { Gathering } from './gathering.ts';
import type { Person } from './membership.ts';
import type { Presence } from './presence.ts';

/** The people of one room: those that were published, and the changes that are gathered. */
interface RoomPresence {
  /** person key → name, as published so far */
  readonly told: Map<string, string>;
  readonly joined: Map<string, string>;
  readonly left: Map<string, string>;
  /** The state as JSON, encoded once between two changes; `null`: nobody has asked since. */
  state: Buffer | null;
  version: number;
}

export interface PresenceOptions {
  readonly clock: Clock;
  /** Time for which changes are gathered. */
  readonly gatherMs: number;
  /** Names in one state or change; the counts are of everyone. */
  readonly namesMax: number;
}

/**
 * Presence in the memory of this process. The state holds the changes that were published, and not
 * those that are still gathered, because these reach a new subscriber as a change.
 */
export class MemoryPresence implements Presence {
  readonly #changed = new Set<string>();
  readonly #gathering: Gathering;
  #listener: ((change: PresenceChange) => void) | null = null;
  readonly #options: PresenceOptions;
  readonly #rooms = new Map<string, RoomPresence>();
  /** Shared by all rooms: a room that was empty and forgotten goes on with a higher version. */
  #version = 0;

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#gathering = new Gathering(options.clock, options.gatherMs, () => this.#publish());
  }

  listen(changed: (change: PresenceChange) => void): void {
    this.#listener = changed;
  }

  encodedState(roomId: string): Buffer {
    const room = this.#rooms.get(roomId);
    const state = room?.state ?? Buffer.from(JSON.stringify(this.#stateOf(roomId)));
    if (room !== undefined) room.state = state;
    return state;
  }

  restore({ roomId, name }: Person): void {
    const room = this.#roomOf(roomId);
    room.told.set(personKey(name), name);
    room.state = null;
  }

  joined({ roomId, name }: Person): void {
    const room = this.#change(roomId);
    if (!room.left.delete(personKey(name))) room.joined.set(personKey(name), name);
  }

  left({ roomId, name }: Person): void {
    const room = this.#change(roomId);
    const key = personKey(name);
    // The room knows the spelling that was published, and a later ENTER may have another one.
    if (!room.joined.delete(key)) room.left.set(key, room.told.get(key) ?? name);
  }

  stop(): void {
    this.#gathering.stop();
  }

  #stateOf(roomId: string): PresenceState {
    const { told = new Map<string, string>(), version = 0 } = this.#rooms.get(roomId) ?? {};
    const people = [...take(told.values(), this.#options.namesMax)];
    return { type: 'STATE', roomId, version, count: told.size, people };
  }

  #change(roomId: string): RoomPresence {
    this.#changed.add(roomId);
    this.#gathering.ask();
    return this.#roomOf(roomId);
  }

  #roomOf(roomId: string): RoomPresence {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const room: RoomPresence = {
      told: new Map(),
      joined: new Map(),
      left: new Map(),
      state: null,
      version: 0,
    };
    this.#rooms.set(roomId, room);
    return room;
  }

  #publish(): void {
    for (const roomId of this.#changed) {
      const room = this.#rooms.get(roomId);
      if (room !== undefined) this.#publishRoom(roomId, room);
    }
    this.#changed.clear();
  }

  #publishRoom(roomId: string, room: RoomPresence): void {
    const { told, joined, left } = room;
    for (const key of left.keys()) told.delete(key);
    for (const [key, name] of joined) told.set(key, name);
    if (joined.size + left.size > 0) {
      this.#version += 1;
      room.state = null;
      room.version = this.#version;
      this.#listener?.({
        type: 'CHANGE',
        roomId,
        version: room.version,
        count: told.size,
        joined: [...take(joined.values(), this.#options.namesMax)],
        left: [...take(left.values(), this.#options.namesMax)],
      });
    }
    joined.clear();
    left.clear();
    if (told.size === 0) this.#rooms.delete(roomId);
  }
}

function* take<T>(items: Iterable<T>, max: number): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken === max) return;
    taken += 1;
    yield item;
  }
}
