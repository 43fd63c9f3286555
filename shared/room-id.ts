import * as v from 'valibot';

/** 1 to 64 of `A-Za-z0-9_-`, or a safe non-negative integer. */
export const RoomIdSchema = v.union([
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
]);

export type RoomId = v.InferOutput<typeof RoomIdSchema>;

/** The one text that a room goes by: `7` and `'7'` are the same room. `null`: not a room id. */
export function parseRoomId(value: unknown): string | null {
  const parsed = v.safeParse(RoomIdSchema, value);
  return parsed.success ? roomIdText(parsed.output) : null;
}

export function roomIdText(roomId: RoomId): string {
  // -0 is a safe integer; its decimal text is '0' as well.
  return String(roomId);
}
