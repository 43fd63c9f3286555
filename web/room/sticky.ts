import type { Row } from './rows.ts';

/** So near to the end, a reader wants to see what comes. */
const NEAR_END_PX = 100;

export interface ScrollBox {
  readonly clientHeight: number;
  readonly scrollHeight: number;
  readonly scrollTop: number;
}

export function isNearEnd({ clientHeight, scrollHeight, scrollTop }: ScrollBox): boolean {
  return scrollHeight - scrollTop - clientHeight <= NEAR_END_PX;
}

/** What came since `known` were the keys: not always at the end, for what is unsent stays below. */
export function rowsBeyond(rows: readonly Row[], known: ReadonlySet<string>): readonly Row[] {
  return rows.filter((row) => !known.has(row.key));
}

export function messageCount(rows: readonly Row[]): number {
  return rows.filter((row) => row.type === 'message').length;
}

/** One's own message is always followed: whoever sends wants to see it. */
export function hasOwn(rows: readonly Row[]): boolean {
  return rows.some((row) => row.type === 'message' && row.isOwn);
}
