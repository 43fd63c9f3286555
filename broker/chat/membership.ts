import type { FactChange } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';

/** A person as a room counts them: by name, whatever the number of tabs. */
export interface Person {
  readonly roomId: string;
  /** As it was first sent. */
  readonly name: string;
}

/** A membership that is about to begin or end. Nothing has changed until it is committed. */
export interface MembershipChange {
  /** To be committed in one append with the message that causes the change. */
  readonly facts: readonly FactChange[];
  /** The facts are committed: the change takes effect. */
  commit(): void;
  /** The facts were refused or given up: nothing changes. */
  cancel(): void;
}

export interface Entering extends MembershipChange {
  /** False: the room counts the person already, so a reconnect need not be announced. */
  readonly isNews: boolean;
}

/** Hears of people, not of sessions: between two `appeared` for a person there is one `gone`. */
export interface MembershipListener {
  /** @param people in the room from now on, this person included */
  appeared(person: Person, people: number): void;
  /** @param people in the room from now on */
  gone(person: Person, people: number): void;
  /**
   * Nobody came back for the person within the grace period. The listener publishes a LEAVE and
   * commits `facts` in the same append. False: that was refused, so the person stays, and the
   * listener is called again after another grace period. It must not reject.
   */
  expired(person: Person, facts: readonly FactChange[]): Promise<boolean>;
}

/**
 * Knows which people are in which room, through which sessions. A membership belongs to a session,
 * a room and a name. A person is counted while there is a membership, and for the grace period
 * after the last one was lost.
 *
 * Each membership is a fact of its own, named after its session. Appends of different sessions may
 * be committed in another order than they were planned in; since no two sessions write the same
 * fact, the facts add up to the same people in any order.
 */
export interface Membership {
  /** Once, before anything else. */
  listen(listener: MembershipListener): void;
  /** Counts the people of before a restart, each for a grace period, and returns them; untold. */
  restore(): Maybe<readonly Person[]>;
  /** Begins a membership. `null`: the session has as many as it may have. */
  enter(sessionId: string, person: Person): Maybe<Entering | null>;
  /** Ends the session's own membership; without one, nothing changes. */
  leave(sessionId: string, person: Person): Maybe<MembershipChange>;
  /** Ends all memberships of a session, once all of its changes are committed or cancelled. */
  drop(sessionId: string): Maybe<void>;
  countOf(roomId: string): Maybe<number>;
  /** Ends all grace periods for good: from now on nobody is gone. */
  stop(): void;
}
