import type { Engine } from '../engine/engine.ts';

/** What may wait for its commit over all sessions. */
export interface AppendLimits {
  readonly pendingAppendBytes: number;
  readonly pendingAppendsMax: number;
}

/** Who waits for room. */
export interface Relieved {
  relieved(): void;
}

/**
 * How much may wait for the engine over all sessions. Who finds it used up stops reading and
 * asks to be told.
 */
export class AppendBudget {
  readonly #engine: Pick<Engine, 'pending' | 'pendingBytes'>;
  readonly #limits: AppendLimits;
  readonly #waiting = new Set<Relieved>();

  constructor(engine: Pick<Engine, 'pending' | 'pendingBytes'>, limits: AppendLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  get isUsedUp(): boolean {
    const { pendingAppendBytes, pendingAppendsMax } = this.#limits;
    const { pending, pendingBytes } = this.#engine;
    return pending >= pendingAppendsMax || pendingBytes >= pendingAppendBytes;
  }

  /** Relieves it once when there is room again, however often it asked. */
  whenFree(one: Relieved): void {
    this.#waiting.add(one);
  }

  forget(one: Relieved): void {
    this.#waiting.delete(one);
  }

  /** Less waits than before. */
  freed(): void {
    if (this.#waiting.size === 0 || this.isUsedUp) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const one of waiting) one.relieved();
  }
}
