import type { RoomList, RoomListChange, RoomSummary } from '../../shared/rooms.ts';
import type { Maybe } from '../maybe.ts';

export const ROOM_REFUSALS = {
  TOO_MANY_NEW_ROOMS: 'this address has created as many rooms as it may in an hour',
  TOO_MANY_ROOMS: 'there are as many rooms as there may be',
} as const;
export type RoomRefusal = keyof typeof ROOM_REFUSALS;

/** A `RoomList` as JSON, shared by all who ask: nobody may write into it. */
export interface EncodedList {
  readonly body: Buffer;
  /** Unique to this list, over restarts too. */
  readonly tag: string;
}

/**
 * The rooms that exist: somebody named them, entered them, or spoke in them. Their number is
 * bounded: a new room takes the place of one that nobody needs.
 */
export interface RoomDirectory {
  /**
   * Sets the listener for rooms that appear or are forgotten. Called once, before anything else.
   */
  listen(changed: (roomId: string) => void): void;
  /** Restores the rooms of before a restart, without events. */
  restore(): Maybe<void>;
  find(roomId: string): Maybe<RoomSummary | null>;
  /** The rooms as they are now, the fullest first. */
  list(): Maybe<RoomList>;
  /**
   * A list that holds every change which `changeOf` has returned so far, and perhaps none of the
   * later ones: the change that `changeOf` returns next has them.
   */
  encodedList(): Maybe<EncodedList>;
  /** These rooms as they are now, as a change for those who have a list. */
  changeOf(roomIds: readonly string[]): Maybe<RoomListChange>;
  /**
   * Creates a named room of the program's own, with the next free number. It counts towards no
   * client's quota and is never forgotten. `null`: there are too many rooms.
   */
  create(name: string): Maybe<RoomSummary | null>;
  /** Creates a named room for a client, with the next free number. */
  createFor(address: string, name: string): Maybe<RoomSummary | RoomRefusal>;
  /**
   * A client at this address enters the room or speaks in it, which creates the room if need be.
   */
  use(roomId: string, address: string): Maybe<RoomRefusal | null>;
  /** Sets the number of people in a room, whether or not the room exists. */
  countChanged(roomId: string, people: number): Maybe<void>;
  /** Forgets no room from now on. */
  stop(): void;
}
