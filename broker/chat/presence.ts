import type { PresenceChange } from '../../shared/presence.ts';
import type { Maybe } from '../maybe.ts';
import type { Person } from './membership.ts';

/**
 * Tells each room who came and who left. Changes are gathered for a while, so that many people who
 * come at once are one message, and a person who comes and goes within that while is none.
 */
export interface Presence {
  /**
   * Sets the listener, which publishes each change in its room. Called once, before anything
   * else.
   */
  listen(changed: (change: PresenceChange) => void): void;
  /** Adds a person of before a restart to the state, without a change. */
  restore(person: Person): Maybe<void>;
  /** Calls of `joined` and `left` alternate for each person. */
  joined(person: Person): Maybe<void>;
  left(person: Person): Maybe<void>;
  /**
   * A `PresenceState` as JSON, with every change that was published before the call. A change
   * that is published later has a higher version, or is in the state already. The Buffer is
   * shared, so nobody may write into it.
   */
  encodedState(roomId: string): Maybe<Buffer>;
  /** Ends all changes, those that are gathered included. */
  stop(): void;
}
