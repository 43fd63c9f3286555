import type { MemoryBudget } from './memory-budget.ts';

/**
 * The bytes that one session holds in memory. They count in the budget over all sessions as well.
 * Each change is counted as it happens, so the total is known without summing up.
 */
export class MemoryShare {
  readonly #budget: Pick<MemoryBudget, 'count'>;
  #bytes = 0;

  constructor(budget: Pick<MemoryBudget, 'count'>) {
    this.#budget = budget;
  }

  /** The present number of bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes that wait from now on. A negative number takes off bytes that no longer wait. */
  count(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#budget.count(bytes);
  }
}
