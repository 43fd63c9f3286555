/**
 * The most segments that a pattern, or a name that a pattern matches, may have: the matcher keeps
 * one bit per segment in a number of 32 bits, and a pattern costs in proportion to its segments.
 */
export const SEGMENTS_MAX = 24;

const WILDCARD = /[/.]\*{1,2}(?=[/.]|$)/;

/** True if a segment is `*` or `**`: then the destination is a pattern. */
export function isPattern(destination: string): boolean {
  return destination.includes('*') && WILDCARD.test(destination);
}

/** The part of a pattern before its first wildcard, the separator included. */
export function literalPrefix(pattern: string): string {
  return pattern.slice(0, pattern.search(WILDCARD) + 1);
}

/**
 * Splits a destination; each segment keeps the separator before it, so that `/a.b` and `/a/b`
 * differ.
 */
export function segmentsOf(destination: string): string[] {
  return destination.split(/(?=[/.])/);
}
