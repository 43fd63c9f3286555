import { personKey } from '../../shared/names.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Membership, MembershipListener, Person } from './membership.ts';

interface Counted {
  readonly person: Person;
  readonly sessions: Set<string>;
  /** Runs while there is no session. */
  cancelGrace: Cancel | null;
}

export interface MembershipOptions {
  readonly clock: Clock;
  /** How long a person stays counted whose last session was lost. */
  readonly graceMs: number;
  readonly membershipsPerSessionMax: number;
}

export class MemoryMembership implements Membership {
  readonly #listener: MembershipListener;
  readonly #options: MembershipOptions;
  /** room → person key → who */
  readonly #rooms = new Map<string, Map<string, Counted>>();
  /** session → those who are there through it */
  readonly #sessions = new Map<string, Set<Counted>>();
  #isStopped = false;

  constructor(options: MembershipOptions, listener: MembershipListener) {
    this.#options = options;
    this.#listener = listener;
  }

  hasRoomFor(sessionId: string, person: Person): boolean {
    const memberships = this.#sessions.get(sessionId)?.size ?? 0;
    if (memberships < this.#options.membershipsPerSessionMax) return true;
    return this.#find(person)?.sessions.has(sessionId) ?? false;
  }

  enter(sessionId: string, person: Person): void {
    // It was asked before the commit as well, but others may have been under way by then.
    if (!this.hasRoomFor(sessionId, person)) return;
    const counted = this.#find(person) ?? this.#add(person);
    counted.cancelGrace?.();
    counted.cancelGrace = null;
    counted.sessions.add(sessionId);
    const through = this.#sessions.get(sessionId) ?? new Set();
    this.#sessions.set(sessionId, through.add(counted));
  }

  leave(sessionId: string, person: Person): void {
    const counted = this.#find(person);
    if (!counted?.sessions.delete(sessionId)) return;
    const through = this.#sessions.get(sessionId);
    through?.delete(counted);
    if (through?.size === 0) this.#sessions.delete(sessionId);
    if (counted.sessions.size === 0) this.#remove(counted, 'left');
  }

  drop(sessionId: string): void {
    const through = this.#sessions.get(sessionId) ?? [];
    this.#sessions.delete(sessionId);
    for (const counted of through) {
      counted.sessions.delete(sessionId);
      if (counted.sessions.size === 0) this.#startGrace(counted);
    }
  }

  restore(person: Person, graceMs: number): void {
    if (this.#find(person) === undefined) this.#startGrace(this.#put(person), graceMs);
  }

  isCounted(person: Person): boolean {
    return this.#find(person) !== undefined;
  }

  countOf(roomId: string): number {
    return this.#rooms.get(roomId)?.size ?? 0;
  }

  stop(): void {
    this.#isStopped = true;
    for (const people of this.#rooms.values()) {
      for (const counted of people.values()) counted.cancelGrace?.();
    }
  }

  #find({ roomId, name }: Person): Counted | undefined {
    return this.#rooms.get(roomId)?.get(personKey(name));
  }

  #add(person: Person): Counted {
    const counted = this.#put(person);
    this.#listener.appeared(person);
    return counted;
  }

  #put(person: Person): Counted {
    const people = this.#rooms.get(person.roomId) ?? new Map<string, Counted>();
    const counted: Counted = { person, sessions: new Set(), cancelGrace: null };
    this.#rooms.set(person.roomId, people.set(personKey(person.name), counted));
    return counted;
  }

  #startGrace(counted: Counted, graceMs = this.#options.graceMs): void {
    if (this.#isStopped) return;
    counted.cancelGrace = this.#options.clock.after(graceMs, () =>
      this.#remove(counted, 'expired'),
    );
  }

  #remove({ person }: Counted, how: 'left' | 'expired'): void {
    const people = this.#rooms.get(person.roomId);
    people?.delete(personKey(person.name));
    if (people?.size === 0) this.#rooms.delete(person.roomId);
    this.#listener.gone(person, how);
  }
}
