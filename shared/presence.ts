import { personKey } from './names.ts';

/** The people in a room when a subscription begins. */
export interface PresenceState {
  readonly type: 'STATE';
  readonly roomId: string;
  /** Rises with each change. A change with this version or a lower one is already included. */
  readonly version: number;
  /** Number of people, not tabs. In a large room, `people` holds fewer names. */
  readonly count: number;
  readonly people: readonly string[];
}

/** Changes since the state. Joining and leaving within one change cancel out. */
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
 * Applies a message of the presence topic. A change that the state already includes, or that comes
 * before any state, has no effect.
 */
export function afterPresence(
  state: PresenceState | null,
  message: PresenceMessage,
): PresenceState | null {
  if (message.type === 'STATE') return message;
  if (state === null || message.version <= state.version) return state;
  // A person who returns may spell the name differently than before.
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
