import type { Refusal } from '../../shared/refusal.ts';

/** Something said that has not been seen in the room yet. */
export interface OutboxEntry {
  /** Stays the same at every try: the broker publishes it once. */
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly queuedAtMs: number;
  readonly fate:
    | { readonly type: 'waiting' }
    | { readonly type: 'in-flight' }
    | { readonly type: 'failed'; readonly refusal: Refusal };
}

export type OutboxEntries = readonly OutboxEntry[];

/** More than anyone types while a connection is away; a bound for whoever pastes. */
export const OUTBOX_ENTRIES_MAX = 200;

export function withFate(
  entries: OutboxEntries,
  id: string,
  fate: OutboxEntry['fate'],
): OutboxEntries {
  return entries.map((entry) => (entry.id === id ? { ...entry, fate } : entry));
}

export function without(entries: OutboxEntries, id: string): OutboxEntries {
  return entries.some((entry) => entry.id === id)
    ? entries.filter((entry) => entry.id !== id)
    : entries;
}

/** After a lost link: nobody knows what became of what was in flight, so it goes again. */
export function withNothingInFlight(entries: OutboxEntries): OutboxEntries {
  return entries.map((entry) =>
    entry.fate.type === 'in-flight' ? { ...entry, fate: { type: 'waiting' } } : entry,
  );
}

/**
 * What may go out now. One at a time: were the second on its way before the first is accepted, a
 * refusal of the first would turn their order round.
 */
export function nextToSend(entries: OutboxEntries): OutboxEntry | null {
  if (entries.some((entry) => entry.fate.type === 'in-flight')) return null;
  return entries.find((entry) => entry.fate.type === 'waiting') ?? null;
}
