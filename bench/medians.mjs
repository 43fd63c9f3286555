// Several runs as one: of each figure its median.

export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of the same row in each run; what was a problem in one of them is one. */
export function medianRow(rows) {
  const row = {};
  for (const key of new Set(rows.flatMap((one) => Object.keys(one)))) {
    const values = rows.map((one) => one[key]).filter((value) => value !== undefined);
    if (values.length === 0) continue;
    row[key] = values.every((value) => typeof value === 'number')
      ? median(values)
      : [...new Set(values.flat())];
  }
  return row;
}

/** By scenario, by row: from a list of runs that have the same shape. */
export function medianRun(runs) {
  const scenarios = new Map();
  for (const run of runs) {
    for (const [id, rows] of run) {
      const gathered = scenarios.get(id) ?? new Map();
      scenarios.set(id, gathered);
      for (const [name, row] of rows) gathered.set(name, [...(gathered.get(name) ?? []), row]);
    }
  }
  return new Map(
    [...scenarios].map(([id, rows]) => [
      id,
      new Map([...rows].map(([name, list]) => [name, medianRow(list)])),
    ]),
  );
}
