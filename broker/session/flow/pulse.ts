import type { Cancel, Clock } from '../../clock.ts';

const SECOND_MS = 1_000;

export interface Beating {
  /** Does what is due by now. It may remove itself from the pulse. */
  beat(now: number): void;
}

/** One timer for all sessions: at each tick every session does what is due. */
export class Pulse {
  readonly tickMs: number;
  readonly #beating = new Set<Beating>();
  readonly #cancel: Cancel;

  /** @param heartBeatMs the shortest interval to keep, of which a tick is a fraction; 0: none */
  constructor(clock: Clock, heartBeatMs: number) {
    const fraction = heartBeatMs === 0 ? SECOND_MS : Math.floor(heartBeatMs / 8);
    this.tickMs = Math.min(SECOND_MS, Math.max(20, fraction));
    this.#cancel = clock.every(this.tickMs, () => this.#tick(clock.monotonic()));
  }

  add(one: Beating): void {
    this.#beating.add(one);
  }

  remove(one: Beating): void {
    this.#beating.delete(one);
  }

  stop(): void {
    this.#cancel();
  }

  #tick(now: number): void {
    for (const one of this.#beating) one.beat(now);
  }
}
