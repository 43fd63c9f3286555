import type { RoomList, RoomSummary } from '../../shared/rooms.ts';
import type { Saved } from './saved.ts';

export interface RoomsOptions {
  /** Rooms in one list; `total` counts all. */
  readonly listMax: number;
  readonly roomsMax: number;
  readonly peopleIn: (roomId: string) => number;
  readonly hasHistory: (roomId: string) => Promise<boolean>;
  /** Called whenever a room is there, or no longer. */
  readonly changed: (roomId: string) => void;
  /** Where they outlast a restart. */
  readonly saved: Pick<Saved, 'forgetRoom' | 'nextRoom' | 'rooms' | 'setRoom'>;
}

/** How many empty rooms are looked at when a new one needs the place of an old one. */
const CANDIDATES_MAX = 16;

interface Room {
  readonly name: string | null;
  /** Changes with each use, so that who waited in between can tell. */
  uses: number;
}

/** The rooms that exist: named by someone, entered by someone, or spoken in. */
export class Rooms {
  readonly #options: RoomsOptions;
  /** The one that was used last stands last. */
  readonly #rooms = new Map<string, Room>();
  #list: RoomList | null = null;
  #nextNumber = 1;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  /** Brings back those of before a restart. */
  restore(): void {
    const { saved } = this.#options;
    for (const { roomId, name } of saved.rooms()) this.#rooms.set(roomId, { name, uses: 0 });
    this.#nextNumber = saved.nextRoom;
    this.#list = null;
  }

  get total(): number {
    return this.#rooms.size;
  }

  find(roomId: string): RoomSummary | null {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return null;
    return { roomId, name: room.name, people: this.#options.peopleIn(roomId) };
  }

  /** The fullest first. */
  list(): RoomList {
    this.#list ??= this.#makeList();
    return this.#list;
  }

  /** What `list` said is no longer so. */
  countChanged(): void {
    this.#list = null;
  }

  /** A named room, with the next free number; `null`: there are too many. */
  async create(name: string): Promise<RoomSummary | null> {
    await this.#makePlace();
    if (this.#isFull()) return null;
    while (this.#rooms.has(String(this.#nextNumber))) this.#nextNumber += 1;
    const roomId = String(this.#nextNumber);
    this.#nextNumber += 1;
    this.#options.saved.nextRoom = this.#nextNumber;
    this.#put(roomId, name);
    return this.find(roomId);
  }

  /** Lets a room exist; false: there are too many. At once where there is no need to wait. */
  use(roomId: string): boolean | Promise<boolean> {
    if (this.#rooms.has(roomId) || !this.#isFull()) return this.#useNow(roomId);
    return this.#makePlace().then(() => this.#useNow(roomId));
  }

  #useNow(roomId: string): boolean {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      room.uses += 1;
      this.#rooms.delete(roomId);
      this.#rooms.set(roomId, room);
      return true;
    }
    if (this.#isFull()) return false;
    this.#put(roomId, null);
    return true;
  }

  #isFull(): boolean {
    return this.#rooms.size >= this.#options.roomsMax;
  }

  #put(roomId: string, name: string | null): void {
    this.#rooms.set(roomId, { name, uses: 0 });
    this.#options.saved.setRoom({ roomId, name });
    this.#changed(roomId);
  }

  #changed(roomId: string): void {
    this.#list = null;
    this.#options.changed(roomId);
  }

  /** Unnamed rooms without people and history may be forgotten for new ones. */
  async #makePlace(): Promise<void> {
    let candidates = 0;
    for (const [roomId, room] of [...this.#rooms]) {
      if (!this.#isFull() || candidates === CANDIDATES_MAX) return;
      if (room.name !== null || this.#options.peopleIn(roomId) > 0) continue;
      candidates += 1;
      const { uses } = room;
      if (await this.#options.hasHistory(roomId)) continue;
      // Someone may have come meanwhile.
      const isUnused = this.#rooms.get(roomId) === room && room.uses === uses;
      if (!isUnused || this.#options.peopleIn(roomId) > 0) continue;
      this.#rooms.delete(roomId);
      this.#options.saved.forgetRoom(roomId);
      this.#changed(roomId);
    }
  }

  #makeList(): RoomList {
    const rooms: RoomSummary[] = [];
    for (const [roomId, { name }] of this.#rooms) {
      rooms.push({ roomId, name, people: this.#options.peopleIn(roomId) });
    }
    rooms.sort((one, other) => other.people - one.people || compareIds(one.roomId, other.roomId));
    return { type: 'ROOMS', rooms: rooms.slice(0, this.#options.listMax), total: rooms.length };
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function compareIds(one: string, other: string): number {
  return collator.compare(one, other);
}
