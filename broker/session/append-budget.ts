/** Who waits for room. */
export interface Relieved {
  relieved(): void;
}

/**
 * How much may wait for the engine over all sessions. Who finds it used up stops reading and
 * asks to be told.
 */
export class AppendBudget {
  readonly #max: number;
  readonly #pending: () => number;
  readonly #waiting = new Set<Relieved>();

  /** @param pending how many entries wait for their commit now */
  constructor(max: number, pending: () => number) {
    this.#max = max;
    this.#pending = pending;
  }

  get isUsedUp(): boolean {
    return this.#pending() >= this.#max;
  }

  /** Relieves it once when there is room again, however often it asked. */
  whenFree(one: Relieved): void {
    this.#waiting.add(one);
  }

  forget(one: Relieved): void {
    this.#waiting.delete(one);
  }

  /** Something was committed. */
  freed(): void {
    if (this.#waiting.size === 0 || this.isUsedUp) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const one of waiting) one.relieved();
  }
}
