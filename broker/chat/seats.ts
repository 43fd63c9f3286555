import { personKey } from '../../shared/names.ts';
import type { Person } from './membership.ts';
import { factOf } from './saved-people.ts';

/** A membership of one session, from its first pending ENTER to its last LEAVE. */
export interface Seat {
  /** The name of its fact. */
  readonly fact: string;
  readonly person: Person;
  /** True from the commit of an ENTER to that of a LEAVE. */
  isTaken: boolean;
  /** ENTERs and LEAVEs that are neither committed nor cancelled. */
  entering: number;
  leaving: number;
}

/** The seats of all sessions. The bound of a session includes seats whose ENTER is pending. */
export class Seats {
  readonly #max: number;
  readonly #sessions = new Map<string, Map<string, Seat>>();

  /** @param max seats of one session */
  constructor(max: number) {
    this.#max = max;
  }

  find(sessionId: string, person: Person): Seat | undefined {
    return this.#sessions.get(sessionId)?.get(keyOf(person));
  }

  /** The seat of this membership, created if need be; `null`: the session has too many. */
  open(sessionId: string, person: Person): Seat | null {
    const key = keyOf(person);
    const seats = this.#sessions.get(sessionId) ?? new Map<string, Seat>();
    const known = seats.get(key);
    if (known !== undefined) return known;
    if (seats.size >= this.#max) return null;
    const fact = factOf(sessionId, person);
    const seat: Seat = { fact, person, isTaken: false, entering: 0, leaving: 0 };
    this.#sessions.set(sessionId, seats.set(key, seat));
    return seat;
  }

  /** Removes a seat that is not taken and has no pending change. */
  tidy(sessionId: string, seat: Seat): void {
    if (seat.isTaken || seat.entering > 0 || seat.leaving > 0) return;
    const seats = this.#sessions.get(sessionId);
    const key = keyOf(seat.person);
    if (seats?.get(key) !== seat) return;
    seats.delete(key);
    if (seats.size === 0) this.#sessions.delete(sessionId);
  }

  /** Removes all seats of a session, and returns those that were taken. */
  clear(sessionId: string): Seat[] {
    const seats = [...(this.#sessions.get(sessionId)?.values() ?? [])];
    this.#sessions.delete(sessionId);
    return seats.filter(({ isTaken }) => isTaken);
  }
}

function keyOf({ roomId, name }: Person): string {
  return `${roomId} ${personKey(name)}`;
}
