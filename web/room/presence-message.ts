import * as v from 'valibot';
import { CountSchema } from '../../shared/count.ts';
import type { PresenceMessage } from '../../shared/presence.ts';

const names = v.array(v.string());
const head = { roomId: v.string(), version: CountSchema, count: CountSchema };
const PresenceSchema = v.variant('type', [
  v.object({ type: v.literal('STATE'), ...head, people: names }),
  v.object({ type: v.literal('CHANGE'), ...head, joined: names, left: names }),
]);

/** `null` if the body is not a presence message that this page knows. */
export function parsePresence(body: unknown): PresenceMessage | null {
  const parsed = v.safeParse(PresenceSchema, body);
  return parsed.success ? parsed.output : null;
}
