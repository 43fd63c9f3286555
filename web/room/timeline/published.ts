import * as v from 'valibot';
import type { RoomHistoryPage } from '../../../shared/history.ts';
import { TimeStampSchema } from '../../parts/time-stamp.ts';
import type { Line, OlderPage } from './timeline.ts';

const PublishedSchema = v.object({
  type: v.picklist(['ENTER', 'TALK', 'LEAVE']),
  sender: v.string(),
  message: v.string(),
  id: v.string(),
  // The pattern alone accepts `2026-99-99T00:00:00Z`, which is not a time.
  at: v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse), TimeStampSchema),
});

/** Key of a line that did not come from this page's outbox. */
function keyOf(epoch: string, position: number): string {
  return `${epoch}/${position}`;
}

/** Converts a message of the room to a line, or returns `null` if its format is unknown. */
export function lineOf(body: unknown, epoch: string, position: number): Line | null {
  const parsed = v.safeParse(PublishedSchema, body);
  if (!parsed.success) return null;
  const { at: atMs, id, message, sender, type } = parsed.output;
  const said = { id, type, sender, text: message, atMs };
  return { key: keyOf(epoch, position), ...said, position, isPublished: true };
}

/** Converts a page of the history to a part of the timeline. Unknown messages are left out. */
export function olderPageOf(before: number, page: RoomHistoryPage): OlderPage {
  const { epoch, head, messages, oldest } = page;
  const lines = messages.flatMap(({ message, offset }) => lineOf(message, epoch, offset) ?? []);
  return { before, epoch, head, oldest, from: messages[0]?.offset ?? null, lines };
}
