// The room directory in the memory of this process; its rooms are also facts in the engine. It
// decides which rooms may be forgotten: unnamed rooms without people and messages when a new room
// needs their place, and named ones if nobody has used them for the idle time either. The listing
// is in listed-rooms.ts.

import type { RoomList, RoomListChange, RoomSummary } from '../../shared/rooms.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { type Maybe, settle } from '../maybe.ts';
import { ForgettableRooms } from './forgettable-rooms.ts';
import { ListedRooms } from './listed-rooms.ts';
import type { EncodedList, RoomDirectory, RoomRefusal } from './room-directory.ts';
import type { SavedRoom, SavedRooms } from './saved-rooms.ts';

export interface RoomDirectoryOptions {
  readonly clock: Clock;
  readonly hasHistory: (roomId: string) => Maybe<boolean>;
  /** Time without use after which a named room without people and messages goes; 0: never. */
  readonly idleMs: number;
  /** Rooms in one list; `total` counts all. */
  readonly listMax: number;
  readonly log: Log;
  readonly roomsMax: number;
  readonly saved: SavedRooms;
  /** Takes one new room from the quota of this address. False: there is none left. */
  readonly takeNewRoom: (address: string) => boolean;
}

const SWEEP_MS = 5_000;
/** A use is saved if this part of the idle time has passed since the last one that was. */
const SAVED_PART = 1 / 24;

interface Room {
  readonly name: string | null;
  readonly isPermanent: boolean;
  /** Time of the last ENTER or message, by the monotonic clock. */
  usedAt: number;
  savedAt: number;
}

export class MemoryRoomDirectory implements RoomDirectory {
  readonly #listed: ListedRooms;
  readonly #named: ForgettableRooms;
  readonly #options: RoomDirectoryOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #unnamed: ForgettableRooms;
  #cancelSweep: Cancel | null = null;
  #listener: ((roomId: string) => void) | null = null;
  #nextNumber = 1;

  constructor(options: RoomDirectoryOptions) {
    this.#listed = new ListedRooms(options.listMax);
    this.#options = options;
    const forgettable = {
      forget: (roomId: string) => this.#forget(roomId),
      isUnneeded: (roomId: string) => this.#isUnneeded(roomId),
    };
    this.#named = new ForgettableRooms(forgettable);
    this.#unnamed = new ForgettableRooms(forgettable);
  }

  listen(changed: (roomId: string) => void): void {
    this.#listener = changed;
  }

  restore(): void {
    const { clock, idleMs, saved } = this.#options;
    for (const room of saved.rooms()) this.#restoreOne(room);
    this.#nextNumber = saved.nextRoom;
    this.#listed.renew();
    if (idleMs > 0) this.#cancelSweep = clock.every(SWEEP_MS, () => this.#sweep());
  }

  stop(): void {
    this.#cancelSweep?.();
  }

  find(roomId: string): RoomSummary | null {
    return this.#listed.find(roomId);
  }

  list(): RoomList {
    return this.#listed.list();
  }

  encodedList(): EncodedList {
    return this.#listed.encodedList();
  }

  changeOf(roomIds: readonly string[]): RoomListChange {
    return this.#listed.changeOf(roomIds);
  }

  countChanged(roomId: string, people: number): void {
    this.#listed.countChanged(roomId, people);
  }

  create(name: string): Maybe<RoomSummary | null> {
    return settle(this.#createNamed(name, true), (room) =>
      typeof room === 'string' ? null : room,
    );
  }

  createFor(address: string, name: string): Maybe<RoomSummary | RoomRefusal> {
    if (!this.#options.takeNewRoom(address)) return 'TOO_MANY_NEW_ROOMS';
    return this.#createNamed(name, false);
  }

  use(roomId: string, address: string): Maybe<RoomRefusal | null> {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      this.#used(roomId, room);
      return null;
    }
    if (!this.#options.takeNewRoom(address)) return 'TOO_MANY_NEW_ROOMS';
    return settle(this.#makePlace(), () => {
      // Another client may have created it meanwhile.
      if (this.#rooms.has(roomId)) return null;
      if (this.#isFull) return 'TOO_MANY_ROOMS';
      this.#put(roomId, null, false);
      return null;
    });
  }

  #restoreOne({ isPermanent, name, roomId, usedAt }: SavedRoom): void {
    const { clock } = this.#options;
    // After the wall clock was set back, the last use may be in the future.
    const ageMs = usedAt === null ? 0 : Math.max(0, clock.now() - usedAt);
    const at = clock.monotonic() - ageMs;
    this.#add(roomId, { name, isPermanent, usedAt: at, savedAt: at });
    if (usedAt === null) this.#saveUse(roomId, name, isPermanent);
  }

  #createNamed(name: string, isPermanent: boolean): Maybe<RoomSummary | 'TOO_MANY_ROOMS'> {
    return settle(this.#makePlace(), () => {
      if (this.#isFull) return 'TOO_MANY_ROOMS';
      while (this.#rooms.has(String(this.#nextNumber))) this.#nextNumber += 1;
      const roomId = String(this.#nextNumber);
      this.#nextNumber += 1;
      this.#options.saved.nextRoom = this.#nextNumber;
      this.#put(roomId, name, isPermanent);
      return { roomId, name, people: this.#listed.peopleIn(roomId) };
    });
  }

  #used(roomId: string, room: Room): void {
    const { clock, idleMs } = this.#options;
    room.usedAt = clock.monotonic();
    this.#unnamed.touch(roomId);
    if (room.name === null || room.usedAt - room.savedAt < idleMs * SAVED_PART) return;
    room.savedAt = room.usedAt;
    this.#saveUse(roomId, room.name, room.isPermanent);
  }

  #put(roomId: string, name: string | null, isPermanent: boolean): void {
    const now = this.#options.clock.monotonic();
    this.#options.saved.setRoom({ roomId, name, isPermanent });
    this.#saveUse(roomId, name, isPermanent);
    this.#add(roomId, { name, isPermanent, usedAt: now, savedAt: now });
    this.#listener?.(roomId);
  }

  #saveUse(roomId: string, name: string | null, isPermanent: boolean): void {
    const { clock, saved } = this.#options;
    if (name !== null && !isPermanent) saved.setUsed(roomId, clock.now());
  }

  #add(roomId: string, room: Room): void {
    this.#rooms.set(roomId, room);
    this.#listed.add(roomId, room.name);
    if (room.name === null) this.#unnamed.add(roomId);
    else if (!room.isPermanent) this.#named.add(roomId);
  }

  get #isFull(): boolean {
    return this.#rooms.size >= this.#options.roomsMax;
  }

  /**
   * Forgets rooms that nobody needs, until there is a place for one more or no such room is
   * found.
   */
  #makePlace(): Maybe<void> {
    const isEnough = () => !this.#isFull;
    return settle(this.#unnamed.forgetSome(isEnough), () => this.#named.forgetSome(isEnough));
  }

  #sweep(): void {
    const swept = this.#named.forgetSome(() => false);
    if (!(swept instanceof Promise)) return;
    swept.catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'idle rooms could not be forgotten');
    });
  }

  #isUnneeded(roomId: string): Maybe<boolean> {
    const room = this.#rooms.get(roomId);
    if (room === undefined || !this.#isUnused(roomId, room)) return false;
    const { usedAt } = room;
    return settle(this.#options.hasHistory(roomId), (hasHistory) => {
      // Somebody may have entered it or spoken in it meanwhile.
      return !hasHistory && room.usedAt === usedAt && this.#isUnused(roomId, room);
    });
  }

  #isUnused(roomId: string, { name, usedAt }: Room): boolean {
    const { clock, idleMs } = this.#options;
    const isIdle = idleMs > 0 && clock.monotonic() - usedAt >= idleMs;
    return (name === null || isIdle) && this.#listed.peopleIn(roomId) === 0;
  }

  #forget(roomId: string): void {
    this.#rooms.delete(roomId);
    this.#listed.remove(roomId);
    this.#named.remove(roomId);
    this.#unnamed.remove(roomId);
    this.#options.saved.forgetRoom(roomId);
    this.#listener?.(roomId);
  }
}
