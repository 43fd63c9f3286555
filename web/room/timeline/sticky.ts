import type { Row } from './rows.ts';

/** So near to the end, a reader wants to see what comes. */
const NEAR_END_PX = 100;
/** So near to what is not loaded, a reader is about to see it. */
const NEAR_TOP_PX = 600;

export interface ScrollBox {
  readonly clientHeight: number;
  readonly scrollHeight: number;
  readonly scrollTop: number;
}

export function isNearEnd({ clientHeight, scrollHeight, scrollTop }: ScrollBox): boolean {
  return scrollHeight - scrollTop - clientHeight <= NEAR_END_PX;
}

/** Whether what stands at `offsetTop` is in sight, or soon will be for who scrolls up. */
export function isNearSight({ clientHeight, scrollTop }: ScrollBox, offsetTop: number): boolean {
  return offsetTop >= scrollTop - NEAR_TOP_PX && offsetTop <= scrollTop + clientHeight;
}

/**
 * What came since `known` were the keys, but for what is older: it goes above. What is unsent stays
 * below, so it does not tell where the new begins.
 */
export function rowsBeyond(rows: readonly Row[], known: ReadonlySet<string>): readonly Row[] {
  const last = rows.findLastIndex((row) => known.has(row.key) && isSaid(row));
  return rows.slice(last + 1).filter((row) => !known.has(row.key));
}

export function messageCount(rows: readonly Row[]): number {
  return rows.filter((row) => row.type === 'message').length;
}

/** What was written on this page is always followed: whoever sends wants to see it. */
export function hasOwn(rows: readonly Row[]): boolean {
  return rows.some((row) => row.type === 'message' && row.key === row.id);
}

function isSaid(row: Row): boolean {
  return row.type === 'notice' || (row.type === 'message' && row.state.type === 'sent');
}
