import { personKey } from '../../../shared/names.ts';
import type { Refusal } from '../../../shared/refusal.ts';

export type DeliveryState =
  | { readonly type: 'waiting' }
  | { readonly type: 'in-flight' }
  | { readonly type: 'failed'; readonly refusal: Refusal };

/** Something said that has not been seen in the room yet. */
export interface OutboxEntry {
  /** The same at every attempt, so that the broker publishes the message once. */
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  /** The order of the entries: no two of one page are equal. */
  readonly queuedAtMs: number;
  /** When it last went out; `null`: never, so nobody has it. */
  readonly triedAtMs: number | null;
  readonly deliveryState: DeliveryState;
}

/** What tells one message from every other. */
export type Said = Pick<OutboxEntry, 'id' | 'sender' | 'text'>;

export type OutboxEntries = readonly OutboxEntry[];

/** More than anyone types while a connection is away; a bound for whoever pastes. */
export const OUTBOX_ENTRIES_MAX = 200;

/** A code of the page's own: it may have arrived, and a repeat may no longer be known for one. */
export const UNSURE = 'UNSURE';
/** The broker remembers ids for a day, or as long as its operator says. */
const REPEAT_KNOWN_MS = 12 * 60 * 60_000;

/** Whether both are the same message: others may have taken its id for something else. */
export function isSame(entry: Said, said: Said): boolean {
  const isOne = entry.id === said.id && entry.text === said.text;
  return isOne && personKey(entry.sender) === personKey(said.sender);
}

export function withDeliveryState(
  entries: OutboxEntries,
  id: string,
  deliveryState: DeliveryState,
): OutboxEntries {
  return entries.map((entry) => (entry.id === id ? { ...entry, deliveryState } : entry));
}

export function without(entries: OutboxEntries, id: string): OutboxEntries {
  return entries.some((entry) => entry.id === id)
    ? entries.filter((entry) => entry.id !== id)
    : entries;
}

/** With what was found elsewhere, in the order in which all of it was said, each once. */
export function merged(entries: OutboxEntries, found: OutboxEntries): OutboxEntries {
  const known = new Set(entries.map(({ id }) => id));
  const all = [...entries, ...found.filter(({ id }) => !known.has(id))];
  return all.sort((a, b) => a.queuedAtMs - b.queuedAtMs);
}

/**
 * For a new link: nobody knows what became of what was in flight, so it goes again. Only where the
 * broker would no longer tell a repeat from a new message, its writer decides.
 */
export function resumed(entries: OutboxEntries, nowMs: number): OutboxEntries {
  return entries.map((entry): OutboxEntry => {
    if (entry.deliveryState.type === 'failed') return entry;
    const isUnsure = entry.triedAtMs !== null && nowMs - entry.triedAtMs > REPEAT_KNOWN_MS;
    return isUnsure
      ? { ...entry, deliveryState: { type: 'failed', refusal: { code: UNSURE, text: '' } } }
      : { ...entry, deliveryState: { type: 'waiting' } };
  });
}

/**
 * What may go out now. One at a time: were the second on its way before the first is accepted, a
 * refusal of the first would turn their order round.
 */
export function nextToSend(entries: OutboxEntries): OutboxEntry | null {
  if (entries.some((entry) => entry.deliveryState.type === 'in-flight')) return null;
  return entries.find((entry) => entry.deliveryState.type === 'waiting') ?? null;
}
