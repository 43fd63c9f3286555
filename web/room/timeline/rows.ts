import { personKey } from '../../../shared/names.ts';
import type { Refusal } from '../../../shared/refusal.ts';
import type { Calendar } from '../../parts/calendar.ts';
import { isSame, type OutboxEntries, type OutboxEntry } from '../outbox/outbox-entries.ts';
import type { Loading } from './older-pages.ts';
import { type Gap, type Line, READ_LINES_MAX, type Timeline, topOf } from './timeline.ts';

/**
 * State of a message as it is shown. `failed`: refused, and its writer decides what happens next.
 */
export type MessageState =
  | { readonly type: 'sent' }
  | { readonly type: 'waiting' }
  | { readonly type: 'sending' }
  | { readonly type: 'failed'; readonly refusal: Refusal };

/** State of the row at the top: whether older messages can be loaded, or why not. */
export type TopState = 'more' | 'loading' | 'failed' | 'beginning' | 'expired' | 'full';

/** One row of the message list. */
export type Row =
  | { readonly type: 'day'; readonly key: string; readonly text: string }
  | { readonly type: 'gap'; readonly key: string }
  | { readonly type: 'top'; readonly key: string; readonly state: TopState }
  | NoticeRow
  | MessageRow;

export interface NoticeRow {
  readonly type: 'notice';
  readonly key: string;
  readonly kind: 'ENTER' | 'LEAVE';
  readonly sender: string;
  /** The text as the broker publishes it; it begins with the sender's name. */
  readonly text: string;
  readonly atMs: number;
}

export interface MessageRow {
  readonly type: 'message';
  readonly key: string;
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly atMs: number;
  readonly isOwn: boolean;
  /** True if it follows soon after a message of the same person, so the name is not shown again. */
  readonly isContinued: boolean;
  readonly state: MessageState;
}

export interface Shown {
  readonly loading: Loading;
  readonly outbox: OutboxEntries;
  /** The name under which this page is in the room. */
  readonly sender: string;
  readonly timeline: Timeline;
}

const CONTINUED_WITHIN_MS = 5 * 60_000;

/** All rows of a room in order: the timeline first, then the outbox. */
export function rowsOf(shown: Shown, calendar: Calendar): readonly Row[] {
  const { lines, past } = shown.timeline;
  const me = personKey(shown.sender);
  const published = new Map(lines.map((line) => [line.id, line]));
  const unsent = shown.outbox.filter((entry) => {
    const line = published.get(entry.id);
    return line === undefined || !isSame(entry, line);
  });
  return withDays(
    [
      ...past.map((line) => rowOf(line, me)),
      ...topRow(shown),
      ...lines.map((line) => rowOf(line, me)),
      ...unsent.map(rowOfUnsent),
    ],
    calendar,
  );
}

/** True if both rows look the same, so that rendering again is unnecessary. */
export function isSameRow(a: Row, b: Row): boolean {
  if (a.key !== b.key) return false;
  switch (a.type) {
    case 'day':
      return a.type === b.type && a.text === b.text;
    case 'gap':
      return a.type === b.type;
    case 'top':
      return a.type === b.type && a.state === b.state;
    case 'notice':
      return a.type === b.type && a.text === b.text && a.sender === b.sender;
    case 'message':
      return (
        a.type === b.type &&
        a.text === b.text &&
        a.state.type === b.state.type &&
        a.isContinued === b.isContinued &&
        a.isOwn === b.isOwn &&
        a.sender === b.sender &&
        a.atMs === b.atMs
      );
  }
}

function topRow({ loading, timeline }: Shown): readonly Row[] {
  const { lines, past } = timeline;
  const top = topOf(timeline);
  const row = (state: TopState): readonly Row[] => [{ type: 'top', key: 'top', state }];
  switch (top) {
    case 'unknown':
      return [];
    case 'beginning':
    case 'expired':
      return past.length > 0 ? [] : row(top); // the gap above it says the same
    case 'more':
      if (loading !== 'idle') return row(loading);
      return row(past.length + lines.length < READ_LINES_MAX ? 'more' : 'full');
  }
}

/** Puts a row with the date before each day, and marks messages that continue the one before. */
function withDays(undated: readonly Row[], calendar: Calendar): readonly Row[] {
  const rows: Row[] = [];
  let before: Row | null = null;
  let dayBefore = '';
  for (const row of undated) {
    const day: string = isPublished(row) ? calendar.dayKeyOf(row.atMs) : dayBefore;
    if (isPublished(row) && day !== dayBefore) {
      // If clocks differ, a day may appear twice; the key of its first row makes it unique.
      rows.push({ type: 'day', key: `${day} ${row.key}`, text: calendar.dayOf(row.atMs) });
      before = null;
      dayBefore = day;
    }
    rows.push(row.type === 'message' ? { ...row, isContinued: isContinued(before, row) } : row);
    before = row;
  }
  return rows;
}

function rowOf(line: Line | Gap, me: string): Row {
  if (line.type === 'gap') return { type: 'gap', key: line.key };
  const { atMs, id, key, sender, text, type } = line;
  if (type !== 'TALK') return { type: 'notice', key, kind: type, sender, text, atMs };
  const isOwn = personKey(sender) === me;
  const shown = { key, id, sender, text, atMs, isOwn, isContinued: false };
  return { type: 'message', ...shown, state: { type: 'sent' } };
}

function rowOfUnsent({ deliveryState, id, queuedAtMs, sender, text }: OutboxEntry): Row {
  const shown = { key: id, id, sender, text, atMs: queuedAtMs, isContinued: false };
  const state: MessageState =
    deliveryState.type === 'in-flight' ? { type: 'sending' } : deliveryState;
  return { type: 'message', ...shown, isOwn: true, state };
}

/** True for published rows; unsent messages belong to no day yet. */
function isPublished(row: Row): row is NoticeRow | MessageRow {
  return row.type === 'notice' || (row.type === 'message' && row.state.type === 'sent');
}

function isContinued(before: Row | null, row: MessageRow): boolean {
  if (before?.type !== 'message') return false;
  const isSoon = row.atMs - before.atMs < CONTINUED_WITHIN_MS;
  return isSoon && personKey(before.sender) === personKey(row.sender);
}
