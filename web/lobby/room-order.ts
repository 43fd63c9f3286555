import type { RoomSummary } from '../../shared/rooms.ts';

const byNumber = new Intl.Collator('en', { numeric: true });

/** Sorts by number of people, then by id in natural order: 2 before 10. */
export function inOrder(rooms: readonly RoomSummary[]): readonly RoomSummary[] {
  return rooms.toSorted((a, b) => b.people - a.people || byNumber.compare(a.roomId, b.roomId));
}
