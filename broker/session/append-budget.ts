/**
 * How much may wait for the engine over all sessions. Who finds it used up stops reading and
 * asks to be told.
 */
export class AppendBudget {
  readonly #max: number;
  readonly #pending: () => number;
  readonly #waiting = new Set<() => void>();

  /** @param pending how many entries wait for their commit now */
  constructor(max: number, pending: () => number) {
    this.#max = max;
    this.#pending = pending;
  }

  get isUsedUp(): boolean {
    return this.#pending() >= this.#max;
  }

  /** Calls back once when there is room again; the same callback is kept only once. */
  whenFree(callback: () => void): void {
    this.#waiting.add(callback);
  }

  forget(callback: () => void): void {
    this.#waiting.delete(callback);
  }

  /** Something was committed. */
  freed(): void {
    if (this.#waiting.size === 0 || this.isUsedUp) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}
