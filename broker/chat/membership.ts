import type { FactChange } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';

/** A person as a room counts them: by name, whatever the number of tabs. */
export interface Person {
  readonly roomId: string;
  /** As it was first sent. */
  readonly name: string;
}

/** A membership that is about to begin or end. It has no effect before `commit`. */
export interface MembershipChange {
  /** Facts to commit in one append with the message that causes the change. */
  readonly facts: readonly FactChange[];
  /** Makes the change, once its facts are committed. */
  commit(): void;
  /** Gives the change up, because its facts were refused or never appended. */
  cancel(): void;
}

export interface Entering extends MembershipChange {
  /** False: the room counts the person already, so a reconnect need not be announced. */
  readonly isNews: boolean;
}

/** Events of people, not of sessions: between two `appeared` of a person there is one `gone`. */
export interface MembershipListener {
  /** @param people in the room from now on, this person included */
  appeared(person: Person, people: number): void;
  /** @param people in the room from now on */
  gone(person: Person, people: number): void;
  /**
   * The person did not come back within the grace period. The listener publishes a LEAVE and
   * commits `facts` in the same append. False: the append was refused, so the person stays, and
   * the listener is called again after another grace period. It must not reject.
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
  /** Sets the listener. Called once, before anything else. */
  listen(listener: MembershipListener): void;
  /**
   * Counts the people of before a restart, each for a grace period, without events. Returns them.
   */
  restore(): Maybe<readonly Person[]>;
  /** Plans the begin of a membership. `null`: the session has as many as it may have. */
  enter(sessionId: string, person: Person): Maybe<Entering | null>;
  /** Plans the end of the session's own membership. Without one the change is empty. */
  leave(sessionId: string, person: Person): Maybe<MembershipChange>;
  /** Ends all memberships of a session. Called once all its changes are committed or cancelled. */
  drop(sessionId: string): Maybe<void>;
  countOf(roomId: string): Maybe<number>;
  /** Cancels all grace periods for good: there are no more `gone` and `expired` events. */
  stop(): void;
}
