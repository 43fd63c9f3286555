import type { PresenceChange } from '../../shared/presence.ts';
import type { Maybe } from '../maybe.ts';
import type { Person } from './membership.ts';

/**
 * Tells each room who came and who left. Changes are gathered for a while, so that many people who
 * come at once are one message, and a person who comes and goes within that while is none.
 */
export interface Presence {
  /** Once, before anything else. The listener publishes each change in the room that it names. */
  listen(changed: (change: PresenceChange) => void): void;
  /** Counts a person of before a restart. Nobody is told: each state holds them from now on. */
  restore(person: Person): Maybe<void>;
  /** `left` comes before the next `joined` of the same person. */
  joined(person: Person): Maybe<void>;
  left(person: Person): Maybe<void>;
  /**
   * A `PresenceState` as JSON, with every change that was published before the question. Changes
   * that are published afterwards have a higher version, or are already in it. The Buffer is shared,
   * so nobody may write into it.
   */
  encodedState(roomId: string): Maybe<Buffer>;
  /** Publishes nothing from now on. */
  stop(): void;
}
