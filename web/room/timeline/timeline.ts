// What a page knows of a room's stream. Positions are without gaps, so one stretch of them is all
// there is to know, and whatever comes - live, missed, older, or as the RECEIPT of one's own - has
// its place by its position and is there once:
//
//   past (lines and gaps) │ from … lines … to │ (head, live)
//
// When the stretch can no longer be joined to what comes, its lines become past and a new one begins.

import { lifeOf } from '../../../shared/epoch.ts';

/** One line of what was said in a room, and when. */
export interface Line {
  /** Names the line on the page: the same while it turns from sent to published. */
  readonly key: string;
  readonly id: string;
  readonly type: 'ENTER' | 'TALK' | 'LEAVE';
  readonly sender: string;
  readonly text: string;
  readonly atMs: number;
  readonly position: number;
  /** False while only the RECEIPT of one's own message has come, not yet the message itself. */
  readonly isPublished: boolean;
}

/** Here something was said that can no longer be told. */
export interface Gap {
  readonly key: string;
  readonly type: 'gap';
}

/** The stretch: nothing from `from` to `to` is missing here. */
export interface Span {
  /** As the server told it last. */
  readonly epoch: string;
  readonly from: number;
  /** The newest position heard; `from - 1` before the first. */
  readonly to: number;
  /** The newest position when the stretch began. */
  readonly head: number;
  /** Nothing older is kept, as far as anybody told. */
  readonly oldest: number;
}

export interface Timeline {
  /** What stands above the last gap, that one included: its positions mean nothing any more. */
  readonly past: readonly (Line | Gap)[];
  /** In the order of their positions, each once. */
  readonly lines: readonly Line[];
  /** `null` until a subscription is live. */
  readonly span: Span | null;
}

/** A piece of the history: what stands right before a position, oldest first. */
export interface OlderPage {
  readonly before: number;
  readonly epoch: string;
  /** The first position of the piece; `null`: it is empty. */
  readonly from: number | null;
  /** The newest position that the store had given by then. */
  readonly head: number;
  readonly lines: readonly Line[];
  readonly oldest: number;
}

export type Top =
  | 'unknown'
  /** There is more to load. */
  | 'more'
  /** The first thing ever said is here. */
  | 'beginning'
  /** What was said before is no longer kept. */
  | 'expired';

export const EMPTY_TIMELINE: Timeline = { past: [], lines: [], span: null };

/** So much stays for who follows the end: memory and page stay small in a room that never sleeps. */
export const FOLLOWED_LINES_MAX = 500;
/** So much for who reads further up; beyond, the oldest goes nevertheless. */
export const READ_LINES_MAX = 2_000;

/** A subscription to the newest `count` is live. */
export function begun(
  { past }: Timeline,
  { epoch, head }: { readonly epoch: string; readonly head: number },
  count: number,
): Timeline {
  const from = Math.max(1, head - count + 1);
  return { past, lines: [], span: { epoch, from, to: from - 1, head, oldest: 1 } };
}

/** What comes goes on where the stretch ends, in the epoch that is told with it. */
export function resumed(timeline: Timeline, { epoch }: { readonly epoch: string }): Timeline {
  const { span } = timeline;
  return span === null ? timeline : { ...timeline, span: { ...span, epoch } };
}

/** What comes can no longer be joined to what is here, in the life of the store that is now. */
export function broken({ past, lines, span }: Timeline, epoch: string): Timeline {
  if (span === null) return { past, lines: [], span };
  // A RECEIPT's line beyond what was heard: in the same term the history still tells where it is.
  // After a restart it may not, and where it does, the line here gives way to it.
  const heardLines =
    epoch === span.epoch ? lines.filter(({ position }) => position <= span.to) : lines;
  if (heardLines.length === 0) return { past, lines: [], span: null };
  const gap: Gap = { key: `gap ${span.epoch}/${span.to}`, type: 'gap' };
  const gone = [...past, ...heardLines].slice(1 - FOLLOWED_LINES_MAX);
  return { past: [...gone, gap], lines: [], span: null };
}

/** A message of the room, live or missed. One that is already here changes nothing. */
export function heard(timeline: Timeline, line: Line): Timeline {
  const { lines, span } = timeline;
  if (span === null || line.position < span.from) return timeline;
  const known = knownOf(lines, line);
  if (known?.isPublished) return timeline;
  const others = known === undefined ? lines : lines.filter((other) => other !== known);
  const placed = known === undefined ? line : { ...line, key: known.key };
  return {
    past: pastWithout(timeline.past, [line]),
    lines: inserted(others, placed),
    span: reached(span, line.position),
  };
}

/** A position has come whose message shows nothing, or nothing that this page knows. */
export function passed(timeline: Timeline, position: number): Timeline {
  const { span } = timeline;
  return span === null ? timeline : { ...timeline, span: reached(span, position) };
}

/** The RECEIPT of one's own message. What is older than all that is here comes with its page. */
export function accepted(timeline: Timeline, line: Line): Timeline {
  const { lines, span } = timeline;
  if (span === null || line.position < span.from) return timeline;
  if (knownOf(lines, line) !== undefined) return timeline;
  return { ...timeline, lines: inserted(lines, line) };
}

/** The piece above, if it still belongs there: else nothing changes. */
export function withOlder(timeline: Timeline, page: OlderPage): Timeline {
  const { lines, past, span } = timeline;
  if (span === null || page.before !== span.from) return timeline;
  // A store that was put back from a copy is of the same life, and behind what was heard.
  if (lifeOf(page.epoch) !== lifeOf(span.epoch) || page.head < span.to) return timeline;
  const from = page.from ?? span.from;
  // An empty piece ends the search, whatever the answer says of the oldest.
  const oldest = page.from === null ? from : Math.max(span.oldest, page.oldest);
  return {
    past: pastWithout(past, page.lines),
    lines: [...page.lines, ...lines],
    span: { ...span, from, oldest },
  };
}

/** At most `max` lines, the newest. */
export function trimmed(timeline: Timeline, max: number): Timeline {
  const { lines, past, span } = timeline;
  if (past.length + lines.length <= max) return timeline;
  const rest = lines.slice(-max);
  const from = rest[0]?.position;
  const isCut = rest.length < lines.length && span !== null && from !== undefined;
  return {
    past: rest.length < max ? past.slice(rest.length - max) : [],
    lines: rest,
    span: isCut ? { ...span, from } : span,
  };
}

/** True once the newest page is there. */
export function isComplete({ span }: Timeline): boolean {
  return span !== null && span.to >= span.head;
}

export function topOf({ span }: Timeline): Top {
  if (span === null) return 'unknown';
  if (span.from <= 1) return 'beginning';
  return span.from <= span.oldest ? 'expired' : 'more';
}

function knownOf(lines: readonly Line[], line: Line): Line | undefined {
  // Ids are given by senders: one that was published before must not reach back and replace a line.
  return lines.findLast(
    (other) =>
      other.position === line.position ||
      (other.id === line.id && !(other.isPublished && line.isPublished)),
  );
}

function inserted(lines: readonly Line[], line: Line): readonly Line[] {
  let at = lines.length;
  while (at > 0 && (lines[at - 1]?.position ?? 0) > line.position) at -= 1;
  return lines.toSpliced(at, 0, line);
}

function reached(span: Span, position: number): Span {
  // The first of a stretch may be later than was asked for: what is older is no longer kept.
  if (span.to < span.from && position > span.from) {
    return { ...span, from: position, to: position, oldest: position };
  }
  return position > span.to ? { ...span, to: position } : span;
}

/** What is told again after a gap stands in its new place only. */
function pastWithout(past: Timeline['past'], lines: readonly Line[]): Timeline['past'] {
  if (past.length === 0) return past;
  const isToldAgain = (old: Line | Gap): boolean =>
    old.type !== 'gap' &&
    lines.some(({ id, sender, text }) => {
      return old.id === id && old.sender === sender && old.text === text;
    });
  return past.some(isToldAgain) ? past.filter((old) => !isToldAgain(old)) : past;
}
