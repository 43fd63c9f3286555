// Membership in the memory of this process; its memberships are also facts in the engine. ENTER,
// LEAVE, the end of a session and the end of a grace period change the people of the rooms
// (people.ts) and the seats of the sessions (seats.ts).

import type { Clock } from '../clock.ts';
import type { FactChange, Facts } from '../engine/engine.ts';
import type {
  Entering,
  Membership,
  MembershipChange,
  MembershipListener,
  Person,
} from './membership.ts';
import { type Counted, People } from './people.ts';
import { savedPeople } from './saved-people.ts';
import { type Seat, Seats } from './seats.ts';

export interface MembershipOptions {
  readonly clock: Clock;
  /** Called for each use, because an engine that has not started has no facts. */
  readonly facts: () => Facts;
  /** Grace period of a person whose last session has ended without a LEAVE. */
  readonly graceMs: number;
  readonly membershipsPerSessionMax: number;
  /** Grace period of a person who was counted before a restart. */
  readonly restartGraceMs: number;
}

const NO_CHANGE: MembershipChange = { facts: [], commit: () => {}, cancel: () => {} };

export class MemoryMembership implements Membership {
  readonly #options: MembershipOptions;
  readonly #people = new People();
  readonly #seats: Seats;
  #isStopped = false;
  #listener: MembershipListener | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#seats = new Seats(options.membershipsPerSessionMax);
  }

  listen(listener: MembershipListener): void {
    this.#listener = listener;
  }

  restore(): Person[] {
    const restored: Person[] = [];
    for (const { fact, person } of savedPeople(this.#options.facts())) {
      const known = this.#people.find(person);
      const counted = known ?? this.#people.add(person);
      counted.lost.add(fact);
      if (known !== undefined) continue;
      restored.push(person);
      this.#startGrace(counted, this.#options.restartGraceMs);
    }
    return restored;
  }

  enter(sessionId: string, person: Person): Entering | null {
    const seat = this.#seats.open(sessionId, person);
    if (seat === null) return null;
    const counted = this.#people.find(person);
    const lost = [...(counted?.lost ?? [])];
    seat.entering += 1;
    if (counted !== undefined) counted.entering += 1;
    const settled = () => {
      seat.entering -= 1;
      if (counted !== undefined) counted.entering -= 1;
    };
    return {
      facts: [...lost.map(forget), [seat.fact, counted?.person.name ?? person.name]],
      isNews: counted === undefined || !isStaying(counted),
      commit: () => {
        settled();
        this.#entered(seat, lost);
      },
      cancel: () => {
        settled();
        this.#seats.tidy(sessionId, seat);
      },
    };
  }

  leave(sessionId: string, person: Person): MembershipChange {
    const seat = this.#seats.find(sessionId, person);
    if (seat === undefined) return NO_CHANGE;
    seat.leaving += 1;
    const settled = () => {
      seat.leaving -= 1;
      this.#seats.tidy(sessionId, seat);
    };
    return {
      facts: [forget(seat.fact)],
      commit: () => {
        this.#left(seat);
        settled();
      },
      cancel: settled,
    };
  }

  drop(sessionId: string): void {
    for (const seat of this.#seats.clear(sessionId)) this.#lost(seat);
  }

  countOf(roomId: string): number {
    return this.#people.countIn(roomId);
  }

  stop(): void {
    this.#isStopped = true;
    for (const counted of this.#people.all()) this.#endGrace(counted);
  }

  /** @param lost facts that were forgotten in the same append */
  #entered(seat: Seat, lost: readonly string[]): void {
    seat.isTaken = true;
    const known = this.#people.find(seat.person);
    const counted = known ?? this.#people.add(seat.person);
    counted.seats.add(seat);
    this.#endGrace(counted);
    for (const fact of lost) counted.lost.delete(fact);
    // Facts of sessions that ended since the ENTER was planned. The seat keeps the person in the
    // store.
    for (const fact of counted.lost) this.#options.facts().set(fact, null);
    counted.lost.clear();
    const { person } = counted;
    if (known === undefined) this.#listener?.appeared(person, this.countOf(person.roomId));
  }

  #left(seat: Seat): void {
    if (!seat.isTaken) return;
    seat.isTaken = false;
    const counted = this.#people.find(seat.person);
    counted?.seats.delete(seat);
    if (counted?.seats.size === 0) this.#remove(counted);
  }

  #lost(seat: Seat): void {
    const counted = this.#people.find(seat.person);
    if (counted === undefined) return;
    counted.seats.delete(seat);
    if (counted.seats.size > 0) {
      this.#options.facts().set(seat.fact, null);
      return;
    }
    counted.lost.add(seat.fact);
    this.#startGrace(counted, this.#options.graceMs);
  }

  #startGrace(counted: Counted, graceMs: number): void {
    if (this.#isStopped) return;
    counted.cancelGrace?.();
    counted.cancelGrace = this.#options.clock.after(graceMs, () => void this.#expire(counted));
  }

  #endGrace(counted: Counted): void {
    counted.cancelGrace?.();
    counted.cancelGrace = null;
  }

  async #expire(counted: Counted): Promise<void> {
    counted.cancelGrace = null;
    // Otherwise the LEAVE would come after the ENTER in the history, and the person would be there.
    if (counted.entering > 0) {
      this.#startGrace(counted, this.#options.graceMs);
      return;
    }
    counted.isExpiring = true;
    const lost = [...counted.lost];
    const hasLeft = (await this.#listener?.expired(counted.person, lost.map(forget))) ?? true;
    counted.isExpiring = false;
    if (hasLeft) for (const fact of lost) counted.lost.delete(fact);
    // A session may have entered meanwhile, and may have been lost again.
    if (counted.seats.size > 0 || counted.cancelGrace !== null) return;
    if (hasLeft) this.#remove(counted);
    else this.#startGrace(counted, this.#options.graceMs);
  }

  #remove({ person }: Counted): void {
    this.#people.remove(person);
    this.#listener?.gone(person, this.countOf(person.roomId));
  }
}

/** False if a pending LEAVE ends the person's last membership. */
function isStaying({ isExpiring, seats }: Counted): boolean {
  if (seats.size === 0) return !isExpiring;
  for (const { leaving } of seats) if (leaving === 0) return true;
  return false;
}

function forget(fact: string): FactChange {
  return [fact, null];
}
