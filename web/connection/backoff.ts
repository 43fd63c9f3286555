const BASE_MS = 500;
const LONGEST_MS = 20_000;
const SHORTEST_MS = 250;
/** A connection that held this long counts as good: the next delay starts from the shortest again. */
const STABLE_MS = 5_000;

/**
 * How long to wait before the next try, after `tries` in a row that failed. The whole range is
 * random (`random` is from 0 to 1): the pages of a room lost their broker in the same instant and
 * must not all come back in the same instant.
 */
export function retryDelayMs(tries: number, random: number): number {
  const longest = Math.min(LONGEST_MS, BASE_MS * 2 ** Math.max(0, tries - 1));
  return SHORTEST_MS + random * (longest - SHORTEST_MS);
}

/** Tries that count when a connection is lost: one that is refused right after opening is no success. */
export function triesAfterLoss(tries: number, upMs: number): number {
  return upMs >= STABLE_MS ? 1 : tries + 1;
}
