import type { RoomSummary } from '../../shared/rooms.ts';

interface Place {
  readonly roomId: string;
  readonly people: number;
}

/**
 * Rooms in the order in which they are listed: by the number of people, then in natural order, 2
 * before 10. A change moves one room, found by binary search.
 */
export class RoomOrder {
  readonly #places = new Map<string, Place>();
  readonly #sorted: Place[] = [];

  /** Adds a room, or moves it to where it belongs with so many people. */
  put(roomId: string, people: number): void {
    if (this.#places.get(roomId)?.people === people) return;
    this.remove(roomId);
    const place = { roomId, people };
    this.#places.set(roomId, place);
    this.#sorted.splice(this.#indexOf(place), 0, place);
  }

  remove(roomId: string): void {
    const place = this.#places.get(roomId);
    if (place === undefined) return;
    this.#places.delete(roomId);
    this.#sorted.splice(this.#indexOf(place), 1);
  }

  clear(): void {
    this.#places.clear();
    this.#sorted.length = 0;
  }

  /** At most `max` rooms from the beginning. */
  first(max: number): readonly Pick<RoomSummary, 'people' | 'roomId'>[] {
    return this.#sorted.slice(0, max);
  }

  /** The index of a room in the order, or the index that it would have. */
  #indexOf(place: Place): number {
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const other = this.#sorted[middle];
      if (other !== undefined && compare(other, place) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function compare(one: Place, other: Place): number {
  if (one.people !== other.people) return other.people - one.people;
  const order = collator.compare(one.roomId, other.roomId);
  if (order !== 0 || one.roomId === other.roomId) return order;
  // The collator takes `7` and `07` for equal, and each room needs an index of its own.
  return one.roomId < other.roomId ? -1 : 1;
}
