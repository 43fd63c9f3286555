const SHOWN_MAX = 20;

/** How often each text is there, the most frequent first: `/topic/a (3), /topic/b`. */
export function tally(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const shown = sorted
    .slice(0, SHOWN_MAX)
    .map(([text, count]) => (count === 1 ? text : `${text} (${count})`));
  const left = sorted.length - shown.length;
  if (left > 0) shown.push(`${left} more`);
  return shown.length === 0 ? 'nothing' : shown.join(', ');
}
