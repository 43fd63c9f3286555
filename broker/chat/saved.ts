// What of the chat a restart must not forget, as facts of the store:
//
//   room <roomId>                  its name, or nothing if nobody named it
//   person <roomId> <person key>   the name of someone who is counted there
//   next-room                      the number to try for the next named room

import { personKey } from '../../shared/names.ts';
import type { Facts } from '../engine/engine.ts';
import type { Person } from './membership.ts';

const NEXT_ROOM = 'next-room';
const PERSON = 'person ';
const ROOM = 'room ';

export interface SavedRoom {
  readonly roomId: string;
  readonly name: string | null;
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
    return [...this.#facts().all(ROOM)].map(([key, name]) => {
      return { roomId: key.slice(ROOM.length), name: name === '' ? null : name };
    });
  }

  setRoom({ roomId, name }: SavedRoom): void {
    this.#facts().set(ROOM + roomId, name ?? '');
  }

  forgetRoom(roomId: string): void {
    this.#facts().set(ROOM + roomId, null);
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
