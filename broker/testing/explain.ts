const SHOWN_MAX = 20;

/** Counts equal texts, the most frequent first: `/topic/a (3), /topic/b`. */
export function tally(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const destinationHeader = sorted
    .slice(0, SHOWN_MAX)
    .map(([text, count]) => (count === 1 ? text : `${text} (${count})`));
  const left = sorted.length - destinationHeader.length;
  if (left > 0) destinationHeader.push(`${left} more`);
  return destinationHeader.length === 0 ? 'nothing' : destinationHeader.join(', ');
}
