import type { Row } from './rows.ts';

/** Within this distance from the end, the reader follows new messages. */
const NEAR_END_PX = 100;
/** Older messages are loaded when their mark is this close above the visible part. */
const NEAR_TOP_PX = 600;

export interface ScrollBox {
  readonly clientHeight: number;
  readonly scrollHeight: number;
  readonly scrollTop: number;
}

export function isNearEnd({ clientHeight, scrollHeight, scrollTop }: ScrollBox): boolean {
  return scrollHeight - scrollTop - clientHeight <= NEAR_END_PX;
}

/** True if `offsetTop` is visible, or soon will be when the reader scrolls up. */
export function isNearSight({ clientHeight, scrollTop }: ScrollBox, offsetTop: number): boolean {
  return offsetTop >= scrollTop - NEAR_TOP_PX && offsetTop <= scrollTop + clientHeight;
}

/**
 * The rows added at the end since the list had the `known` keys. Rows added above are older pages
 * and do not count. Unsent rows always stay at the end, so they do not mark where the new rows
 * begin.
 */
export function rowsBeyond(rows: readonly Row[], known: ReadonlySet<string>): readonly Row[] {
  const last = rows.findLastIndex((row) => known.has(row.key) && isPublished(row));
  return rows.slice(last + 1).filter((row) => !known.has(row.key));
}

export function messageCount(rows: readonly Row[]): number {
  return rows.filter((row) => row.type === 'message').length;
}

/** True if a message from this page's outbox is among them: sending always scrolls to the end. */
export function hasOwn(rows: readonly Row[]): boolean {
  return rows.some((row) => row.type === 'message' && row.key === row.id);
}

function isPublished(row: Row): boolean {
  return row.type === 'notice' || (row.type === 'message' && row.state.type === 'sent');
}
