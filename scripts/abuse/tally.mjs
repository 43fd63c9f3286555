/** What an attack achieved: names and how often. */
export class Tally {
  /** @type {Record<string, number>} */
  counts = {};

  add(name, by = 1) {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** For what is only true of the largest. */
  most(name, value) {
    this.counts[name] = Math.max(this.counts[name] ?? 0, value);
  }
}
