import { personKey } from '../../shared/names.ts';
import type { Cancel } from '../clock.ts';
import type { Person } from './membership.ts';
import type { Seat } from './seats.ts';

/** A person who is counted in a room. */
export interface Counted {
  /** Has the name as it was sent in the first ENTER. */
  readonly person: Person;
  /** The seats of the person that are taken. */
  readonly seats: Set<Seat>;
  /** Fact names of ended sessions, which keep the person in the store during the grace period. */
  readonly lost: Set<string>;
  /** ENTERs of the person that are neither committed nor cancelled. */
  entering: number;
  /** Cancels the timer of the grace period; `null`: there is none. */
  cancelGrace: Cancel | null;
  /** True while the LEAVE after the grace period waits for its commit. */
  isExpiring: boolean;
}

/** The people of all rooms. */
export class People {
  /** room → person key → person */
  readonly #rooms = new Map<string, Map<string, Counted>>();

  find({ roomId, name }: Person): Counted | undefined {
    return this.#rooms.get(roomId)?.get(personKey(name));
  }

  add(person: Person): Counted {
    const people = this.#rooms.get(person.roomId) ?? new Map<string, Counted>();
    const counted: Counted = {
      person,
      seats: new Set(),
      lost: new Set(),
      entering: 0,
      cancelGrace: null,
      isExpiring: false,
    };
    this.#rooms.set(person.roomId, people.set(personKey(person.name), counted));
    return counted;
  }

  remove({ roomId, name }: Person): void {
    const people = this.#rooms.get(roomId);
    people?.delete(personKey(name));
    if (people?.size === 0) this.#rooms.delete(roomId);
  }

  countIn(roomId: string): number {
    return this.#rooms.get(roomId)?.size ?? 0;
  }

  *all(): Iterable<Counted> {
    for (const people of this.#rooms.values()) yield* people.values();
  }
}
