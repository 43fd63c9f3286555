import { personKey } from './names.ts';

/** Who is in a room when a subscription begins. */
export interface PresenceState {
  readonly type: 'STATE';
  readonly roomId: string;
  /** Rises with each change; a change at or below it is already in the state. */
  readonly version: number;
  /** How many people, not tabs. `people` may hold fewer names in a large room. */
  readonly count: number;
  readonly people: readonly string[];
}

/** What became of it since. Joining and leaving within one change cancel out. */
export interface PresenceChange {
  readonly type: 'CHANGE';
  readonly roomId: string;
  readonly version: number;
  readonly count: number;
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

export type PresenceMessage = PresenceState | PresenceChange;

/**
 * The state after one more message of the presence topic. A change that the state already
 * holds, or that comes before any state, changes nothing.
 */
export function afterPresence(
  state: PresenceState | null,
  message: PresenceMessage,
): PresenceState | null {
  if (message.type === 'STATE') return message;
  if (state === null || message.version <= state.version) return state;
  // A person who comes back may be written otherwise than when they joined.
  const left = new Set(message.left.map(personKey));
  const stayed = state.people.filter((name) => !left.has(personKey(name)));
  const there = new Set(stayed.map(personKey));
  const joined = message.joined.filter((name) => !there.has(personKey(name)));
  return {
    ...state,
    version: message.version,
    count: message.count,
    people: [...stayed, ...joined],
  };
}
