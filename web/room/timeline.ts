/** One line of what was said in a room, and when. */
export interface TimelineEntry {
  /** Names the line on the page: the same while it turns from sent to published. */
  readonly key: string;
  readonly id: string;
  readonly type: 'ENTER' | 'TALK' | 'LEAVE';
  readonly sender: string;
  readonly text: string;
  readonly atMs: number;
  /** `null`: not known, or from another life of the broker's store. */
  readonly position: number | null;
  /** False while only the RECEIPT of one's own message has come, not yet the message itself. */
  readonly isPublished: boolean;
}

export type Timeline = readonly TimelineEntry[];

/** Old lines make room for new ones: memory and page stay small in a room that never sleeps. */
export const TIMELINE_ENTRIES_MAX = 500;

/**
 * The timeline with one more line, at its position. A line that is already there is not added
 * again; one that was known by its RECEIPT only is replaced by what was published.
 */
export function withEntry(timeline: Timeline, entry: TimelineEntry): Timeline {
  const known = timeline.find((other) => isSame(other, entry));
  if (known?.isPublished || (known !== undefined && !entry.isPublished)) return timeline;
  const rest = known === undefined ? timeline : timeline.filter((other) => other !== known);
  const placed = known === undefined ? entry : { ...entry, key: known.key };
  const at = placeOf(rest, placed.position);
  return [...rest.slice(0, at), placed, ...rest.slice(at)].slice(-TIMELINE_ENTRIES_MAX);
}

/** For a new life of the broker's store: what is here keeps its place before all that follows. */
export function withoutPositions(timeline: Timeline): Timeline {
  return timeline.map((entry) => ({ ...entry, position: null }));
}

function isSame(known: TimelineEntry, entry: TimelineEntry): boolean {
  if (known.position !== null && known.position === entry.position) return true;
  // Ids are given by senders: one that was published before must not reach back and replace a line.
  return known.id === entry.id && !(known.isPublished && entry.isPublished);
}

function placeOf(timeline: Timeline, position: number | null): number {
  let at = timeline.length;
  if (position === null) return at;
  while (at > 0 && (timeline[at - 1]?.position ?? 0) > position) at -= 1;
  return at;
}
