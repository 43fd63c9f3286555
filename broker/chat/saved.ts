// What of the chat a restart must not forget, as facts of the store:
//
//   room <roomId>                  its name, or nothing if nobody named it
//   room-permanent <roomId>        it is the program's own and never forgotten
//   room-used <roomId>             when somebody used it, roughly, in ms since 1970
//   person <roomId> <person key>   the name of someone who is counted there
//   next-room                      the number to try for the next named room

import { personKey } from '../../shared/names.ts';
import type { Facts } from '../engine/engine.ts';
import type { Person } from './membership.ts';

const NEXT_ROOM = 'next-room';
const PERSON = 'person ';
const ROOM = 'room ';
const ROOM_PERMANENT = 'room-permanent ';
const ROOM_USED = 'room-used ';

export interface SavedRoom {
  readonly roomId: string;
  readonly name: string | null;
  readonly isPermanent: boolean;
  /** When it was used by the wall clock, in ms since 1970; `null`: that was never saved. */
  readonly usedAt: number | null;
}

export class Saved {
  readonly #facts: () => Facts;

  /** @param facts are asked for with each use: before the store has started there are none */
  constructor(facts: () => Facts) {
    this.#facts = facts;
  }

  people(): Person[] {
    return [...this.#facts().all(PERSON)].map(([key, name]) => {
      const [, roomId = ''] = key.split(' ', 2);
      const person = { roomId, name };
      // Under a key of an earlier version nobody would forget them when they leave.
      if (key !== keyOf(person)) {
        this.#facts().set(key, null);
        this.setPerson(person, true);
      }
      return person;
    });
  }

  setPerson(person: Person, isThere: boolean): void {
    this.#facts().set(keyOf(person), isThere ? person.name : null);
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

function keyOf({ roomId, name }: Person): string {
  return `${PERSON}${roomId} ${personKey(name)}`;
}

function timeOf(saved: string | undefined): number | null {
  const time = Number(saved ?? Number.NaN);
  return Number.isFinite(time) ? time : null;
}
