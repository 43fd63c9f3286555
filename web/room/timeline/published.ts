import * as v from 'valibot';
import type { RoomHistoryPage } from '../../../shared/history.ts';
import { TimeStampSchema } from '../../parts/time-stamp.ts';
import type { Line, OlderPage } from './timeline.ts';

const PublishedSchema = v.object({
  type: v.picklist(['ENTER', 'TALK', 'LEAVE']),
  sender: v.string(),
  message: v.string(),
  id: v.string(),
  // `2026-99-99T00:00:00Z` has the form of a time stamp and is none.
  at: v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse), TimeStampSchema),
});

/** Names a line that nothing on this page was waiting for. */
function keyOf(epoch: string, position: number): string {
  return `${epoch}/${position}`;
}

/** The line that a message of the room becomes; `null` for what this page does not know. */
export function lineOf(body: unknown, epoch: string, position: number): Line | null {
  const parsed = v.safeParse(PublishedSchema, body);
  if (!parsed.success) return null;
  const { at: atMs, id, message, sender, type } = parsed.output;
  const said = { id, type, sender, text: message, atMs };
  return { key: keyOf(epoch, position), ...said, position, isPublished: true };
}

/** The piece of the timeline that an answer about its history becomes. */
export function olderPageOf(before: number, page: RoomHistoryPage): OlderPage {
  const { epoch, head, messages, oldest } = page;
  const lines = messages.flatMap(({ message, offset }) => lineOf(message, epoch, offset) ?? []);
  return { before, epoch, head, oldest, from: messages[0]?.offset ?? null, lines };
}
