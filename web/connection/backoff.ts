const BASE_MS = 500;
const LONGEST_MS = 20_000;
const SHORTEST_MS = 250;
/** A connection that lasted this long counts as stable, which resets the back-off. */
const STABLE_MS = 5_000;

/**
 * Delay before the next attempt after `tries` failures in a row: exponential back-off with full
 * jitter, where `random` is from 0 to 1. When a broker goes away, all pages of a room lose it at
 * the same moment; jitter keeps them from reconnecting at the same moment.
 */
export function retryDelayMs(tries: number, random: number): number {
  const longest = Math.min(LONGEST_MS, BASE_MS * 2 ** Math.max(0, tries - 1));
  return SHORTEST_MS + random * (longest - SHORTEST_MS);
}

/** Failures in a row, counted when a connection is lost. Only a stable connection resets them. */
export function triesAfterLoss(tries: number, upMs: number): number {
  return upMs >= STABLE_MS ? 1 : tries + 1;
}
