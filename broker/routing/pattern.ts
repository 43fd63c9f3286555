/** A segment that takes any number of segments, none included. */
export const MANY = '**';

const WILDCARD = /[/.]\*{1,2}(?=[/.]|$)/;

/** Whether the destination is meant as a pattern: a segment that is `*` or `**`. */
export function isPattern(destination: string): boolean {
  return destination.includes('*') && WILDCARD.test(destination);
}

/** What of a pattern comes before its first wildcard, the separator included. */
export function literalPrefix(pattern: string): string {
  return pattern.slice(0, pattern.search(WILDCARD) + 1);
}

/**
 * The segments, each with the separator before it, so that `/a.b` and `/a/b` differ; `**` stands
 * alone, as it takes segments after either.
 */
export function segmentsOf(destination: string): string[] {
  return destination
    .split(/(?=[/.])/)
    .map((segment) => (segment.slice(1) === MANY ? MANY : segment));
}
