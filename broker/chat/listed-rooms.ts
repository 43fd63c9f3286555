import { randomBytes } from 'node:crypto';
import type { RoomList, RoomListChange, RoomSummary } from '../../shared/rooms.ts';
import type { EncodedList } from './room-directory.ts';
import { RoomOrder } from './room-order.ts';

/** The rooms as clients see them: their names, how many people are in them, and their order. */
export class ListedRooms {
  readonly #listMax: number;
  readonly #names = new Map<string, string | null>();
  readonly #order = new RoomOrder();
  /** Rooms with people in them, whether or not they are listed. */
  readonly #people = new Map<string, number>();
  /** Tags begin with it, because a restart counts lists from 1 again. */
  readonly #run = randomBytes(6).toString('hex');
  #encoded: EncodedList | null = null;
  #lists = 0;

  constructor(listMax: number) {
    this.#listMax = listMax;
  }

  get total(): number {
    return this.#names.size;
  }

  peopleIn(roomId: string): number {
    return this.#people.get(roomId) ?? 0;
  }

  add(roomId: string, name: string | null): void {
    this.#names.set(roomId, name);
    this.#order.put(roomId, this.peopleIn(roomId));
  }

  remove(roomId: string): void {
    this.#names.delete(roomId);
    this.#order.remove(roomId);
  }

  countChanged(roomId: string, people: number): void {
    if (people === 0) this.#people.delete(roomId);
    else this.#people.set(roomId, people);
    if (this.#names.has(roomId)) this.#order.put(roomId, people);
  }

  find(roomId: string): RoomSummary | null {
    const name = this.#names.get(roomId);
    return name === undefined ? null : { roomId, name, people: this.peopleIn(roomId) };
  }

  list(): RoomList {
    const rooms = this.#order.first(this.#listMax).map(({ people, roomId }): RoomSummary => {
      return { roomId, name: this.#names.get(roomId) ?? null, people };
    });
    return { type: 'ROOMS', rooms, total: this.total };
  }

  /**
   * Encoded once between two changes, so that the cost does not grow with the number of requests.
   */
  encodedList(): EncodedList {
    if (this.#encoded === null) {
      this.#lists += 1;
      const body = Buffer.from(JSON.stringify(this.list()));
      this.#encoded = { body, tag: `${this.#run}-${this.#lists}` };
    }
    return this.#encoded;
  }

  /** Makes the next encoded list a new one. */
  renew(): void {
    this.#encoded = null;
  }

  changeOf(roomIds: readonly string[]): RoomListChange {
    this.renew(); // The encoded list lacks this change.
    const rooms: RoomSummary[] = [];
    const gone: string[] = [];
    for (const roomId of roomIds) {
      const room = this.find(roomId);
      if (room === null) gone.push(roomId);
      else rooms.push(room);
    }
    return { type: 'CHANGED', rooms, gone, total: this.total };
  }
}
