import * as v from 'valibot';
import { CountSchema } from '../../shared/count.ts';
import type { LobbyMessage } from '../../shared/rooms.ts';

const RoomSummarySchema = v.object({
  roomId: v.string(),
  name: v.nullable(v.string()),
  people: CountSchema,
});
const head = { rooms: v.array(RoomSummarySchema), total: CountSchema };
const LobbySchema = v.variant('type', [
  v.object({ type: v.literal('ROOMS'), ...head }),
  v.object({ type: v.literal('CHANGED'), ...head, gone: v.array(v.string()) }),
]);

/** `null` if the body is not a lobby message that this page knows. */
export function parseLobbyMessage(body: unknown): LobbyMessage | null {
  const parsed = v.safeParse(LobbySchema, body);
  return parsed.success ? parsed.output : null;
}
