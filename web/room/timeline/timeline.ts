// The part of a room's stream that the page has loaded. The stream has no missing positions, so
// one contiguous span describes it. Every message, whether live, missed, older, or an own one
// known from its RECEIPT, is placed by its position and appears once:
//
//   past (lines and gaps) │ from … lines … to │ (head, live)
//
// When new messages cannot be joined to the span, its lines become `past` and a new span begins.

import { lifeOf } from '../../../shared/epoch.ts';

/** One message, entry or departure as the page shows it. */
export interface Line {
  /** Identifies the line on the page; it stays the same when a sent message is published. */
  readonly key: string;
  readonly id: string;
  readonly type: 'ENTER' | 'TALK' | 'LEAVE';
  readonly sender: string;
  readonly text: string;
  readonly atMs: number;
  readonly position: number;
  /** False for an own message whose RECEIPT has arrived and whose MESSAGE has not. */
  readonly isPublished: boolean;
}

/** Stands for messages that are no longer available. */
export interface Gap {
  readonly key: string;
  readonly type: 'gap';
}

/** A contiguous range of positions: no message between `from` and `to` is missing. */
export interface Span {
  /** The epoch of the server at the last subscription. */
  readonly epoch: string;
  readonly from: number;
  /** The newest position received; `from - 1` before the first. */
  readonly to: number;
  /** The newest position when the span began. */
  readonly head: number;
  /** The oldest position that the server keeps, as far as is known. */
  readonly oldest: number;
}

export interface Timeline {
  /** Lines up to and including the last gap. Their positions are no longer comparable. */
  readonly past: readonly (Line | Gap)[];
  /** In order of position, without duplicates. */
  readonly lines: readonly Line[];
  /** `null` until the first subscription is confirmed. */
  readonly span: Span | null;
}

/** The page of the history right before a position, oldest first. */
export interface OlderPage {
  readonly before: number;
  readonly epoch: string;
  /** The first position of the page; `null` if it is empty. */
  readonly from: number | null;
  /** The newest position that the store had assigned by then. */
  readonly head: number;
  readonly lines: readonly Line[];
  readonly oldest: number;
}

export type Top =
  | 'unknown'
  /** Older messages can be loaded. */
  | 'more'
  /** The first message of the room is here. */
  | 'beginning'
  /** Older messages are no longer kept. */
  | 'expired';

export const EMPTY_TIMELINE: Timeline = { past: [], lines: [], span: null };

/** Lines kept while the reader follows the end, so that a busy room does not grow the page. */
export const FOLLOWED_LINES_MAX = 500;
/** Lines kept while the reader is further up; beyond it the oldest are dropped all the same. */
export const READ_LINES_MAX = 2_000;

/** The subscription to the newest `count` messages is confirmed. */
export function started(
  { past }: Timeline,
  { epoch, head }: { readonly epoch: string; readonly head: number },
  count: number,
): Timeline {
  const from = Math.max(1, head - count + 1);
  return { past, lines: [], span: { epoch, from, to: from - 1, head, oldest: 1 } };
}

/** The subscription resumes where the span ends, in the epoch that the server reports. */
export function resumed(timeline: Timeline, { epoch }: { readonly epoch: string }): Timeline {
  const { span } = timeline;
  return span === null ? timeline : { ...timeline, span: { ...span, epoch } };
}

/** The subscription, in this `epoch`, cannot be joined to the span: the span ends with a gap. */
export function interrupted({ past, lines, span }: Timeline, epoch: string): Timeline {
  if (span === null) return { past, lines: [], span };
  // A line beyond `to` is known only from its RECEIPT. Within the same epoch the history still
  // has it at its position, so it is dropped here. After a restart the history may lack it, so it
  // stays; if the message does come again, `pastWithout` removes this line.
  const receivedLines =
    epoch === span.epoch ? lines.filter(({ position }) => position <= span.to) : lines;
  if (receivedLines.length === 0) return { past, lines: [], span: null };
  const gap: Gap = { key: `gap ${span.epoch}/${span.to}`, type: 'gap' };
  const gone = [...past, ...receivedLines].slice(1 - FOLLOWED_LINES_MAX);
  return { past: [...gone, gap], lines: [], span: null };
}

/** Adds a message of the room, live or missed. A duplicate changes nothing. */
export function received(timeline: Timeline, line: Line): Timeline {
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

/** Advances past a message that is not shown, because this page does not know its format. */
export function skipped(timeline: Timeline, position: number): Timeline {
  const { span } = timeline;
  return span === null ? timeline : { ...timeline, span: reached(span, position) };
}

/** Adds an own message whose RECEIPT arrived. One older than the span comes with its older page. */
export function accepted(timeline: Timeline, line: Line): Timeline {
  const { lines, span } = timeline;
  if (span === null || line.position < span.from) return timeline;
  if (knownOf(lines, line) !== undefined) return timeline;
  return { ...timeline, lines: inserted(lines, line) };
}

/** Adds an older page at the top. If it does not belong there any more, nothing changes. */
export function withOlder(timeline: Timeline, page: OlderPage): Timeline {
  const { lines, past, span } = timeline;
  if (span === null || page.before !== span.from) return timeline;
  // A store restored from a copy has the same life, but its head is behind what was received.
  if (lifeOf(page.epoch) !== lifeOf(span.epoch) || page.head < span.to) return timeline;
  const from = page.from ?? span.from;
  // An empty page ends the search, whatever it says about the oldest position.
  const oldest = page.from === null ? from : Math.max(span.oldest, page.oldest);
  return {
    past: pastWithout(past, page.lines),
    lines: [...page.lines, ...lines],
    span: { ...span, from, oldest },
  };
}

/** Keeps the newest `max` lines. */
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

/** True once the newest page has arrived. */
export function isComplete({ span }: Timeline): boolean {
  return span !== null && span.to >= span.head;
}

export function topOf({ span }: Timeline): Top {
  if (span === null) return 'unknown';
  if (span.from <= 1) return 'beginning';
  return span.from <= span.oldest ? 'expired' : 'more';
}

function knownOf(lines: readonly Line[], line: Line): Line | undefined {
  // Senders choose ids: a reused one must not replace an older line that is already published.
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
  // If the first message is later than requested, older ones are no longer kept.
  if (span.to < span.from && position > span.from) {
    return { ...span, from: position, to: position, oldest: position };
  }
  return position > span.to ? { ...span, to: position } : span;
}

/** Removes lines from the past that arrived again after the gap, so that each appears once. */
function pastWithout(past: Timeline['past'], lines: readonly Line[]): Timeline['past'] {
  if (past.length === 0) return past;
  const isToldAgain = (old: Line | Gap): boolean =>
    old.type !== 'gap' &&
    lines.some(({ id, sender, text }) => {
      return old.id === id && old.sender === sender && old.text === text;
    });
  return past.some(isToldAgain) ? past.filter((old) => !isToldAgain(old)) : past;
}
