import type { HistoryPage, HistoryQuery, Position, Standing } from '../engine.ts';
import { publicationOf } from './record.ts';
import type { RoomStore } from './room-store.ts';
import type { StreamTable } from './stream-table.ts';

interface Stored {
  readonly store: RoomStore;
  readonly table: StreamTable;
}

/** A page of a history; damaged records are skipped. */
export function readPage(
  { store, table }: Stored,
  { destination, direction, from, ...bounds }: HistoryQuery,
): HistoryPage {
  const stream = table.find(destination);
  const { head, id, oldest } = stream;
  const start = from === 'newest' ? head : from === 'oldest' ? oldest : from;
  // A start outside of the kept positions means the nearest end.
  const range =
    direction === 'forward'
      ? { from: Math.max(start, oldest), end: head + 1, ...bounds }
      : { from: Math.min(start, head), end: oldest - 1, ...bounds };
  const isEmpty = direction === 'forward' ? range.from >= range.end : range.from <= range.end;
  const messages = isEmpty ? [] : store.read(id, range);
  const publications = messages.map((message) => publicationOf(stream, message.offset, message));
  return { publications, oldest, head };
}

/** The standing of a position that a client remembers. */
export function standingOf(
  { store, table }: Stored,
  destination: string,
  { epoch, offset }: Position,
): Standing {
  const { head, id, terms } = table.find(destination);
  if (offset > head + 1 || !store.terms.isSame(epoch, offset, terms)) return 'foreign';
  return offset <= store.lostIn(id) ? 'damaged' : 'known';
}
