import * as v from 'valibot';
import { NameSchema } from './names.ts';

/** A room as lists show it. */
export interface RoomSummary {
  readonly roomId: string;
  /** `null`: nobody named it, it came to be when someone entered. */
  readonly name: string | null;
  readonly people: number;
}

/** The rooms as they are now: the fullest first, at most as many as the broker lists. */
export interface RoomList {
  readonly type: 'ROOMS';
  readonly rooms: readonly RoomSummary[];
  /** How many there are in all. */
  readonly total: number;
}

/** What changed in the lobby since: each room whole, as it is after the change. */
export interface RoomListChange {
  readonly type: 'CHANGED';
  readonly rooms: readonly RoomSummary[];
  /** Rooms that are no longer there. */
  readonly gone: readonly string[];
  readonly total: number;
}

export type LobbyMessage = RoomList | RoomListChange;

/** The list after one more message of the lobby topic. */
export function afterLobby(list: RoomList | null, message: LobbyMessage): RoomList | null {
  if (message.type === 'ROOMS') return message;
  if (list === null) return null;
  const rooms = new Map(list.rooms.map((room) => [room.roomId, room]));
  for (const roomId of message.gone) rooms.delete(roomId);
  for (const room of message.rooms) rooms.set(room.roomId, room);
  return { type: 'ROOMS', rooms: [...rooms.values()], total: message.total };
}

const NewRoomSchema = v.object({ name: NameSchema });

/** The name in the body of `POST /api/rooms`, trimmed; `null`: it holds no name. */
export function parseNewRoom(body: unknown): string | null {
  const parsed = v.safeParse(NewRoomSchema, body);
  return parsed.success ? parsed.output.name.trim() : null;
}
