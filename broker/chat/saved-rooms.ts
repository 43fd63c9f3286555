// The rooms of the chat as facts of the store:
//
//   room <roomId>             its name; empty if nobody named it
//   room-permanent <roomId>   the program created it, so it is never forgotten
//   room-used <roomId>        roughly when it was last used, in ms since 1970
//   next-room                 the number to try for the next named room

import type { Facts } from '../engine/engine.ts';

const NEXT_ROOM = 'next-room';
const ROOM = 'room ';
const ROOM_PERMANENT = 'room-permanent ';
const ROOM_USED = 'room-used ';

export interface SavedRoom {
  readonly roomId: string;
  readonly name: string | null;
  readonly isPermanent: boolean;
  /** Its last use by the wall clock, in ms since 1970; `null`: none was saved. */
  readonly usedAt: number | null;
}

export class SavedRooms {
  readonly #facts: () => Facts;

  /** @param facts asked for with each use, because a store that has not started has none */
  constructor(facts: () => Facts) {
    this.#facts = facts;
  }

  rooms(): SavedRoom[] {
    const permanent = new Map(this.#facts().all(ROOM_PERMANENT));
    const used = new Map(this.#facts().all(ROOM_USED));
    return [...this.#facts().all(ROOM)].map(([key, name]) => {
      const roomId = key.slice(ROOM.length);
      return {
        roomId,
        name: name === '' ? null : name,
        isPermanent: permanent.has(ROOM_PERMANENT + roomId),
        usedAt: timeOf(used.get(ROOM_USED + roomId)),
      };
    });
  }

  setRoom({ isPermanent, name, roomId }: Omit<SavedRoom, 'usedAt'>): void {
    this.#facts().set(ROOM + roomId, name ?? '');
    if (isPermanent) this.#facts().set(ROOM_PERMANENT + roomId, '');
  }

  setUsed(roomId: string, at: number): void {
    this.#facts().set(ROOM_USED + roomId, String(at));
  }

  forgetRoom(roomId: string): void {
    for (const fact of [ROOM, ROOM_PERMANENT, ROOM_USED]) this.#facts().set(fact + roomId, null);
  }

  get nextRoom(): number {
    for (const [key, number] of this.#facts().all(NEXT_ROOM))
      if (key === NEXT_ROOM) return Number(number);
    return 1;
  }

  set nextRoom(number: number) {
    this.#facts().set(NEXT_ROOM, String(number));
  }
}

function timeOf(saved: string | undefined): number | null {
  const time = Number(saved ?? Number.NaN);
  return Number.isFinite(time) ? time : null;
}
