/** For each file, the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The groups of files that import each other, directly or by way of others. Each file is in one
 * group at most, so a change that removes a group has removed every circle in it.
 */
export function cyclesIn(graph: ImportGraph): string[][] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(file, graph)]));
  const groups: string[][] = [];
  for (const [file, targets] of reached) {
    if (!targets.has(file) || groups.some((group) => group.includes(file))) continue;
    groups.push([...targets].filter((target) => reached.get(target)?.has(file)).sort());
  }
  return groups;
}

/** Every file that is imported from this one on; the file itself only if it is in a circle. */
function reachedFrom(file: string, graph: ImportGraph): Set<string> {
  const reached = new Set<string>();
  const open = [...(graph.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return reached;
}
