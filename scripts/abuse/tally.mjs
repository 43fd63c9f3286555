/** Counts of an attack's achievements, by name. */
export class Tally {
  /** @type {Record<string, number>} */
  counts = {};

  add(name, by = 1) {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** Keeps the maximum instead of the sum. */
  most(name, value) {
    this.counts[name] = Math.max(this.counts[name] ?? 0, value);
  }
}
