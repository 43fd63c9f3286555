/** 1 to 64 of `A-Za-z0-9_-`, or a safe non-negative integer. */
export type RoomId = string | number;

const ROOM_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function isRoomId(value: unknown): value is RoomId {
  if (typeof value === 'string') return ROOM_ID.test(value);
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Normalizes a room id, so that `7` and `'7'` are the same room. `null` if it is not a room id. */
export function parseRoomId(value: unknown): string | null {
  return isRoomId(value) ? roomIdText(value) : null;
}

export function roomIdText(roomId: RoomId): string {
  // -0 is a safe integer; its decimal text is '0' as well.
  return String(roomId);
}
