// The rooms that exist: named by someone, entered by someone, or spoken in. Who is in them is the
// membership's, what is said in them the engine's. There is room for a number of them, so those
// that nobody needs are forgotten: an unnamed room without people and messages when a new one
// needs its place, a named one when it has also been idle for long.

import { randomBytes } from 'node:crypto';
import type { RoomList, RoomSummary } from '../../shared/rooms.ts';
import type { Cancel, Clock } from '../clock.ts';
import { RoomOrder } from './room-order.ts';
import type { Saved, SavedRoom } from './saved.ts';

export interface RoomsOptions {
  readonly clock: Clock;
  /** How long a named room without people and messages stays when nobody uses it; 0: for ever. */
  readonly idleMs: number;
  /** Rooms in one list; `total` counts all. */
  readonly listMax: number;
  readonly roomsMax: number;
  readonly peopleIn: (roomId: string) => number;
  readonly hasHistory: (roomId: string) => boolean;
  /** Called whenever a room is there, or no longer. */
  readonly changed: (roomId: string) => void;
  /** Where they outlast a restart. */
  readonly saved: Pick<Saved, 'forgetRoom' | 'nextRoom' | 'rooms' | 'setRoom' | 'setUsed'>;
  /** Whether one more room may be created from this address; it then counts. */
  readonly takeNewRoom: (address: string) => boolean;
}

export const ROOM_REFUSALS = {
  TOO_MANY_NEW_ROOMS: 'this address has created as many rooms as it may in an hour',
  TOO_MANY_ROOMS: 'there are as many rooms as there may be',
} as const;
export type RoomRefusal = keyof typeof ROOM_REFUSALS;

/** A list as JSON, made once for all who ask. */
export interface EncodedList {
  readonly body: Buffer;
  /** Another one for another list, over restarts too. */
  readonly tag: string;
}

/** Rooms that are looked at when a new one needs the place of an old one, and at each sweep. */
const LOOKED_AT_MAX = 64;
const SWEEP_MS = 5_000;
/** A use is saved when this part of the idle time has passed since one was. */
const SAVED_PART = 1 / 24;

interface Room {
  readonly name: string | null;
  readonly isPermanent: boolean;
  /** When somebody entered it or spoke in it, by the monotonic clock. */
  usedAt: number;
  savedAt: number;
}

export class Rooms {
  readonly #options: RoomsOptions;
  readonly #order = new RoomOrder();
  readonly #rooms = new Map<string, Room>();
  /** Those that may be forgotten; what was looked at or used last stands last. */
  readonly #named = new Set<string>();
  readonly #unnamed = new Set<string>();
  readonly #run = randomBytes(6).toString('hex');
  #cancelSweep: Cancel | null = null;
  #encoded: EncodedList | null = null;
  #lists = 0;
  #nextNumber = 1;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  /** Brings back those of before a restart. Idle ones are forgotten from now on. */
  restore(): void {
    const { clock, idleMs, saved } = this.#options;
    for (const room of saved.rooms()) this.#restoreOne(room);
    this.#nextNumber = saved.nextRoom;
    this.#encoded = null;
    if (idleMs > 0)
      this.#cancelSweep = clock.every(SWEEP_MS, () => this.#forgetSome(this.#named, () => false));
  }

  stop(): void {
    this.#cancelSweep?.();
  }

  get total(): number {
    return this.#rooms.size;
  }

  find(roomId: string): RoomSummary | null {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return null;
    return { roomId, name: room.name, people: this.#options.peopleIn(roomId) };
  }

  /** The rooms as they are now, the fullest first. */
  list(): RoomList {
    const first = this.#order.first(this.#options.listMax);
    const rooms = first.map(({ people, roomId }): RoomSummary => {
      return { roomId, name: this.#rooms.get(roomId)?.name ?? null, people };
    });
    return { type: 'ROOMS', rooms, total: this.#rooms.size };
  }

  /**
   * A list that holds at least what the lobby was told so far: it is made once between two of its
   * changes, so that it costs the same however many come, leave and ask. What it lacks is told by
   * the next change, as that shows each room whole.
   */
  encodedList(): EncodedList {
    if (this.#encoded === null) {
      this.#lists += 1;
      const body = Buffer.from(JSON.stringify(this.list()));
      this.#encoded = { body, tag: `${this.#run}-${this.#lists}` };
    }
    return this.#encoded;
  }

  /** The lobby is about to be told what has changed: lists of before lack it. */
  telling(): void {
    this.#encoded = null;
  }

  /** Someone has come to the room, or gone. */
  countChanged(roomId: string): void {
    if (this.#rooms.has(roomId)) this.#order.put(roomId, this.#options.peopleIn(roomId));
  }

  /**
   * A named room of the program's own, with the next free number: it counts towards no client's
   * quota and is never forgotten. `null`: there are too many.
   */
  create(name: string): Promise<RoomSummary | null> {
    const room = this.#createNamed(name, true);
    return Promise.resolve(typeof room === 'string' ? null : room);
  }

  /** A named room of a client's, with the next free number, or why there is none. */
  createFor(address: string, name: string): RoomSummary | RoomRefusal {
    if (!this.#options.takeNewRoom(address)) return 'TOO_MANY_NEW_ROOMS';
    return this.#createNamed(name, false);
  }

  /** Someone at this address enters or speaks: lets the room exist, or tells why it cannot. */
  use(roomId: string, address: string): RoomRefusal | null {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      this.#used(roomId, room);
      return null;
    }
    if (!this.#options.takeNewRoom(address)) return 'TOO_MANY_NEW_ROOMS';
    if (!this.#makePlace()) return 'TOO_MANY_ROOMS';
    this.#put(roomId, null, false);
    return null;
  }

  #restoreOne({ isPermanent, name, roomId, usedAt }: SavedRoom): void {
    const { clock } = this.#options;
    // A clock that was set back since says that it was used in time to come.
    const ageMs = usedAt === null ? 0 : Math.max(0, clock.now() - usedAt);
    const at = clock.monotonic() - ageMs;
    this.#add(roomId, { name, isPermanent, usedAt: at, savedAt: at });
    if (usedAt === null) this.#saveUse(roomId, name, isPermanent);
  }

  #createNamed(name: string, isPermanent: boolean): RoomSummary | 'TOO_MANY_ROOMS' {
    if (!this.#makePlace()) return 'TOO_MANY_ROOMS';
    while (this.#rooms.has(String(this.#nextNumber))) this.#nextNumber += 1;
    const roomId = String(this.#nextNumber);
    this.#nextNumber += 1;
    this.#options.saved.nextRoom = this.#nextNumber;
    this.#put(roomId, name, isPermanent);
    return { roomId, name, people: this.#options.peopleIn(roomId) };
  }

  #used(roomId: string, room: Room): void {
    const { clock, idleMs } = this.#options;
    room.usedAt = clock.monotonic();
    if (this.#unnamed.delete(roomId)) this.#unnamed.add(roomId);
    if (room.name === null || room.usedAt - room.savedAt < idleMs * SAVED_PART) return;
    room.savedAt = room.usedAt;
    this.#saveUse(roomId, room.name, room.isPermanent);
  }

  #put(roomId: string, name: string | null, isPermanent: boolean): void {
    const now = this.#options.clock.monotonic();
    this.#options.saved.setRoom({ roomId, name, isPermanent });
    this.#saveUse(roomId, name, isPermanent);
    this.#add(roomId, { name, isPermanent, usedAt: now, savedAt: now });
    this.#options.changed(roomId);
  }

  #saveUse(roomId: string, name: string | null, isPermanent: boolean): void {
    const { clock, saved } = this.#options;
    if (name !== null && !isPermanent) saved.setUsed(roomId, clock.now());
  }

  #add(roomId: string, room: Room): void {
    this.#rooms.set(roomId, room);
    this.#order.put(roomId, this.#options.peopleIn(roomId));
    if (room.name === null) this.#unnamed.add(roomId);
    else if (!room.isPermanent) this.#named.add(roomId);
  }

  #isFull(): boolean {
    return this.#rooms.size >= this.#options.roomsMax;
  }

  /** Whether there is room for one more, now that what nobody needs was forgotten. */
  #makePlace(): boolean {
    const isEnough = () => !this.#isFull();
    this.#forgetSome(this.#unnamed, isEnough);
    this.#forgetSome(this.#named, isEnough);
    return isEnough();
  }

  /**
   * Looks at some of these rooms, until there is room enough, and forgets those that may go. What
   * has to stay goes to the end, so that the next look finds others.
   */
  #forgetSome(roomIds: Set<string>, isEnough: () => boolean): void {
    let left = Math.min(LOOKED_AT_MAX, roomIds.size);
    for (const roomId of roomIds) {
      if (left === 0 || isEnough()) return;
      left -= 1;
      roomIds.delete(roomId);
      const room = this.#rooms.get(roomId);
      if (room === undefined) continue;
      if (this.#isUnneeded(roomId, room)) this.#forget(roomId);
      else roomIds.add(roomId);
    }
  }

  #isUnneeded(roomId: string, { name, usedAt }: Room): boolean {
    const { clock, hasHistory, idleMs, peopleIn } = this.#options;
    const isIdle = idleMs > 0 && clock.monotonic() - usedAt >= idleMs;
    return (name === null || isIdle) && peopleIn(roomId) === 0 && !hasHistory(roomId);
  }

  #forget(roomId: string): void {
    this.#rooms.delete(roomId);
    this.#order.remove(roomId);
    this.#options.saved.forgetRoom(roomId);
    this.#options.changed(roomId);
  }
}
