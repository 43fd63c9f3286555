import * as v from 'valibot';
import type { Delivery } from '../connection/link.ts';
import type { TimelineEntry } from './timeline.ts';

const PublishedSchema = v.object({
  type: v.picklist(['ENTER', 'TALK', 'LEAVE']),
  sender: v.string(),
  message: v.string(),
  id: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
});

/** The line that a MESSAGE of the room becomes; `null` for TYPING and for what this page does not know. */
export function entryOf({ body, position }: Delivery): Omit<TimelineEntry, 'key'> | null {
  const parsed = v.safeParse(PublishedSchema, body);
  if (!parsed.success) return null;
  const { at, id, message, sender, type } = parsed.output;
  return { id, type, sender, text: message, atMs: Date.parse(at), position, isPublished: true };
}
