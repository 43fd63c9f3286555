import { personKey } from '../../../shared/names.ts';
import type { Refusal } from '../../../shared/refusal.ts';

export type DeliveryState =
  | { readonly type: 'waiting' }
  | { readonly type: 'in-flight' }
  | { readonly type: 'failed'; readonly refusal: Refusal };

/** A message that was written here and has not been seen in the room yet. */
export interface OutboxEntry {
  /** The same at every attempt, so that the broker publishes the message once. */
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  /** Sort key of the entries, unique within one page. */
  readonly queuedAtMs: number;
  /** Time of the last attempt. `null` before the first, so the broker cannot have the message. */
  readonly triedAtMs: number | null;
  readonly deliveryState: DeliveryState;
}

/** The fields that identify a message. */
export type MessageIdentity = Pick<OutboxEntry, 'id' | 'sender' | 'text'>;

export type OutboxEntries = readonly OutboxEntry[];

/** More than anyone types during an outage; it bounds scripted input and pasting. */
export const OUTBOX_ENTRIES_MAX = 200;

/**
 * A refusal code of the page itself: the message may have arrived, but so long ago that the broker
 * might publish a second attempt as a new message.
 */
export const UNSURE = 'UNSURE';
/** Half of the day for which the broker remembers message ids by default. */
const DEDUPLICATED_MS = 12 * 60 * 60_000;

/**
 * True if both are the same message. The id alone does not tell: another sender may have used it.
 */
export function isSame(entry: MessageIdentity, said: MessageIdentity): boolean {
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

/** Adds the entries that another page left behind, without duplicates and in the order written. */
export function merged(entries: OutboxEntries, found: OutboxEntries): OutboxEntries {
  const known = new Set(entries.map(({ id }) => id));
  const all = [...entries, ...found.filter(({ id }) => !known.has(id))];
  return all.sort((a, b) => a.queuedAtMs - b.queuedAtMs);
}

/**
 * The entries as a new link starts with them. An entry whose answer was lost is sent again under
 * its id. If that attempt is so old that the broker may no longer recognize the duplicate, the
 * entry fails as `UNSURE` instead, and its writer decides.
 */
export function resumed(entries: OutboxEntries, nowMs: number): OutboxEntries {
  return entries.map((entry): OutboxEntry => {
    if (entry.deliveryState.type === 'failed') return entry;
    const isUnsure = entry.triedAtMs !== null && nowMs - entry.triedAtMs > DEDUPLICATED_MS;
    return isUnsure
      ? { ...entry, deliveryState: { type: 'failed', refusal: { code: UNSURE, text: '' } } }
      : { ...entry, deliveryState: { type: 'waiting' } };
  });
}

/**
 * The next entry to send, or `null`. Only one entry is in flight at a time: if a second were sent
 * before the first is accepted, a refusal of the first would reverse their order.
 */
export function nextToSend(entries: OutboxEntries): OutboxEntry | null {
  if (entries.some((entry) => entry.deliveryState.type === 'in-flight')) return null;
  return entries.find((entry) => entry.deliveryState.type === 'waiting') ?? null;
}
