import type { Clock } from '../clock.ts';

/**
 * The rest of a batch waits for the next turn of the event loop after this time, because all
 * other sessions wait meanwhile. Shorter turns cost more: a server at its limit delivers hundreds
 * of messages in a batch, and those that wait are collected later. With 20 ms, 500 busy rooms
 * took 11 % more CPU.
 */
const TURN_MS = 40;

/**
 * Units of work between two looks at the clock. A unit is one message encoded, one write, or 32 KiB
 * written; each takes a few microseconds. Small batches never look, and large messages look often.
 */
export const LOOK_UNITS = 32;

/** The time that a delivery may take in this turn of the event loop, estimated in units of work. */
export class TurnBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Work since the last look at the clock. */
  #units = 0;
  /** End of the turn; `null`: the clock was not read yet. */
  #until: number | null = null;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Begins a delivery. Its time runs from the first look, as most deliveries need none. */
  begin(): void {
    this.#units = 0;
    this.#until = null;
  }

  /** Begins a further turn of a delivery that took too long for one. */
  beginAnother(): void {
    this.#units = 0;
    this.#until = this.#clock.monotonic() + TURN_MS;
  }

  spend(units: number): void {
    this.#units += units;
  }

  get isUsedUp(): boolean {
    if (this.#units < LOOK_UNITS) return false;
    this.#units = 0;
    const now = this.#clock.monotonic();
    this.#until ??= now + TURN_MS;
    return now >= this.#until;
  }
}
