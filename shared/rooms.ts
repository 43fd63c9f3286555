import * as v from 'valibot';
import { NameSchema } from './names.ts';

/** A room in the list of rooms. */
export interface RoomSummary {
  readonly roomId: string;
  /** `null` if the room has no name, because it was created by entering it. */
  readonly name: string | null;
  readonly people: number;
}

/** The list of rooms, those with the most people first, up to the broker's maximum. */
export interface RoomList {
  readonly type: 'ROOMS';
  readonly rooms: readonly RoomSummary[];
  /** Number of all rooms, listed or not. */
  readonly total: number;
}

/** Changes to the list of rooms. Each changed room is complete, as it is after the change. */
export interface RoomListChange {
  readonly type: 'CHANGED';
  readonly rooms: readonly RoomSummary[];
  /** Rooms that no longer exist. */
  readonly gone: readonly string[];
  readonly total: number;
}

export type LobbyMessage = RoomList | RoomListChange;

/** Applies a message of the lobby topic. A change that comes before any list has no effect. */
export function afterLobby(list: RoomList | null, message: LobbyMessage): RoomList | null {
  if (message.type === 'ROOMS') return message;
  if (list === null) return null;
  const rooms = new Map(list.rooms.map((room) => [room.roomId, room]));
  for (const roomId of message.gone) rooms.delete(roomId);
  for (const room of message.rooms) rooms.set(room.roomId, room);
  return { type: 'ROOMS', rooms: [...rooms.values()], total: message.total };
}

const NewRoomSchema = v.object({ name: NameSchema });

/** The trimmed name in the body of `POST /api/rooms`, or `null` if it is missing or invalid. */
export function parseNewRoom(body: unknown): string | null {
  const parsed = v.safeParse(NewRoomSchema, body);
  return parsed.success ? parsed.output.name.trim() : null;
}
