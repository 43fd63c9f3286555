import type { MemoryBudget } from './memory-budget.ts';

/**
 * What one session holds in memory, counted in the budget over all sessions as well. Everything is
 * counted when it begins to wait and taken off when it waits no more, so nothing is ever summed up.
 */
export class MemoryShare {
  readonly #budget: Pick<MemoryBudget, 'count'>;
  #bytes = 0;

  constructor(budget: Pick<MemoryBudget, 'count'>) {
    this.#budget = budget;
  }

  /** Bytes that the session holds now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts bytes that wait from now on; a negative number: they wait no more. */
  count(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#budget.count(bytes);
  }
}
