/**
 * Of a pattern, and of a name that patterns can see: each place in a name is a bit of a number of
 * 32, and a pattern costs what it has of segments.
 */
export const SEGMENTS_MAX = 24;

const WILDCARD = /[/.]\*{1,2}(?=[/.]|$)/;

/** Whether the destination is meant as a pattern: a segment that is `*` or `**`. */
export function isPattern(destination: string): boolean {
  return destination.includes('*') && WILDCARD.test(destination);
}

/** What of a pattern comes before its first wildcard, the separator included. */
export function literalPrefix(pattern: string): string {
  return pattern.slice(0, pattern.search(WILDCARD) + 1);
}

/** The segments, each with the separator before it, so that `/a.b` and `/a/b` differ. */
export function segmentsOf(destination: string): string[] {
  return destination.split(/(?=[/.])/);
}
