/** A person as a room counts them: by name, whatever the number of tabs. */
export interface Person {
  readonly roomId: string;
  /** As it was first sent. */
  readonly name: string;
}

/** What others hear of. Between the two calls for a person there is no other for them. */
export interface MembershipListener {
  /** A person is in the room who was not counted there. */
  appeared(person: Person): void;
  /** Their last membership is gone: they said so, or did not come back within the grace. */
  gone(person: Person, how: 'left' | 'expired'): void;
}

/**
 * Who is in which room, through which sessions. A membership belongs to (session, room, name);
 * a person is counted while there is one, and for the grace after their last session was lost.
 * Sets of sessions, never counters: a disconnect that is seen twice changes nothing.
 */
export interface Membership {
  /** Whether the session has this membership, or may have one more. */
  hasRoomFor(sessionId: string, person: Person): boolean;
  /** Without room for it, nothing changes. */
  enter(sessionId: string, person: Person): void;
  /** Ends the session's own membership, if it has one. */
  leave(sessionId: string, person: Person): void;
  /** Ends all memberships of a session; who has no other is in grace from now. */
  drop(sessionId: string): void;
  /** Counts a person of before a restart, who has so long to come back; nobody is told. */
  restore(person: Person, graceMs: number): void;
  isCounted(person: Person): boolean;
  countOf(roomId: string): number;
  /** Ends all waiting, for good: from now on nobody is gone. */
  stop(): void;
}
