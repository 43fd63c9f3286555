import { personKey } from '../../shared/names.ts';
import type { Refusal } from '../../shared/refusal.ts';
import type { Calendar } from '../parts/calendar.ts';
import type { OutboxEntries, OutboxEntry } from './outbox-entries.ts';
import { TIMELINE_ENTRIES_MAX, type Timeline, type TimelineEntry } from './timeline.ts';

/** How a message stands: `failed` was refused and waits for the one who wrote it. */
export type MessageState =
  | { readonly type: 'sent' }
  | { readonly type: 'sending' }
  | { readonly type: 'failed'; readonly refusal: Refusal };

/** What the list shows, from top to bottom. */
export type Row =
  | { readonly type: 'day'; readonly key: string; readonly text: string }
  | {
      readonly type: 'notice';
      readonly key: string;
      readonly kind: 'ENTER' | 'LEAVE';
      readonly text: string;
      readonly atMs: number;
    }
  | MessageRow;

export interface MessageRow {
  readonly type: 'message';
  readonly key: string;
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly atMs: number;
  readonly isOwn: boolean;
  /** Follows soon on something from the same person: the name is not said again. */
  readonly isContinued: boolean;
  readonly state: MessageState;
}

type UndatedRow = Exclude<Row, { type: 'day' }>;

const CONTINUED_WITHIN_MS = 5 * 60_000;

/** Everything in a room in order: what was said, then what still waits to be. */
export function rowsOf(
  timeline: Timeline,
  outbox: OutboxEntries,
  sender: string,
  calendar: Calendar,
): readonly Row[] {
  const me = personKey(sender);
  const heard = timeline.map((entry) => rowOfEntry(entry, me));
  const unsent = outbox.map((entry) => rowOfUnsent(entry));
  const rows: Row[] = [];
  let before: UndatedRow | null = null;
  let dayBefore = '';
  for (const row of [...heard, ...unsent].slice(-TIMELINE_ENTRIES_MAX)) {
    const day = calendar.dayKeyOf(row.atMs);
    if (day !== dayBefore) {
      // A day may come twice where clocks differ, so its first line is part of the key.
      rows.push({ type: 'day', key: `${day} ${row.key}`, text: calendar.dayOf(row.atMs) });
      before = null;
      dayBefore = day;
    }
    rows.push(row.type === 'message' ? { ...row, isContinued: isContinued(before, row) } : row);
    before = row;
  }
  return rows;
}

/** True if both look the same on the page. */
export function isSameRow(a: Row, b: Row): boolean {
  if (a.key !== b.key || a.type !== b.type || a.text !== b.text) return false;
  if (a.type !== 'message' || b.type !== 'message') return true;
  return (
    a.state.type === b.state.type &&
    a.isContinued === b.isContinued &&
    a.isOwn === b.isOwn &&
    a.sender === b.sender &&
    a.atMs === b.atMs
  );
}

function rowOfEntry(entry: TimelineEntry, me: string): UndatedRow {
  const { atMs, id, key, sender, text, type } = entry;
  if (type !== 'TALK') return { type: 'notice', key, kind: type, text, atMs };
  const isOwn = personKey(sender) === me;
  const shown = { key, id, sender, text, atMs, isOwn, isContinued: false };
  return { type: 'message', ...shown, state: { type: 'sent' } };
}

function rowOfUnsent({ fate, id, queuedAtMs, sender, text }: OutboxEntry): UndatedRow {
  const state: MessageState = fate.type === 'failed' ? fate : { type: 'sending' };
  const shown = { key: id, id, sender, text, atMs: queuedAtMs, isContinued: false };
  return { type: 'message', ...shown, isOwn: true, state };
}

function isContinued(before: UndatedRow | null, row: MessageRow): boolean {
  if (before?.type !== 'message') return false;
  const isSoon = row.atMs - before.atMs < CONTINUED_WITHIN_MS;
  return isSoon && personKey(before.sender) === personKey(row.sender);
}
