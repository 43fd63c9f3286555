import type { Cancel, Clock } from '../../clock.ts';
import type { RoomStore } from './room-store.ts';
import type { StreamState, StreamTable } from './stream-table.ts';

export interface SweepOptions {
  readonly clock: Clock;
  /** Called when `take` has streams to return. */
  readonly found: () => void;
  /** The time for which a message is kept. */
  readonly historySeconds: number;
  readonly store: RoomStore;
  readonly table: StreamTable;
}

/** The interval at which streams without appends are checked. */
const SWEEP_MS = 60_000;
/** The most streams that one turn of the event loop checks by reading their oldest messages. */
const LOOKED_MAX = 128;
/** The most streams that one commit takes, because each may have many messages to remove. */
const TAKEN_MAX = 8;

/** Finds streams without appends whose oldest message is too old. */
export class Sweep {
  readonly #options: SweepOptions;
  readonly #stopTimer: Cancel;
  readonly #tooOld = new Set<StreamState>();
  #isLooking = false;
  #isStopped = false;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#stopTimer = options.clock.every(SWEEP_MS, () => void this.#look());
  }

  get isEmpty(): boolean {
    return this.#tooOld.size === 0;
  }

  /** Takes out some of the streams that were found. */
  take(): StreamState[] {
    const taken = [...this.#tooOld].slice(0, TAKEN_MAX);
    for (const stream of taken) this.#tooOld.delete(stream);
    return taken;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
    this.#tooOld.clear();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    let looked = 0;
    for (const stream of this.#options.table.all()) {
      if (this.#isStopped) break;
      if (this.#isTooOld(stream)) this.#tooOld.add(stream);
      looked += 1;
      if (looked % LOOKED_MAX === 0) await new Promise(setImmediate);
    }
    this.#isLooking = false;
    if (this.#tooOld.size > 0) this.#options.found();
  }

  #isTooOld({ head, id, oldest }: StreamState): boolean {
    if (oldest > head) return false;
    const { clock, historySeconds, store } = this.#options;
    const first = store.outline(id, oldest);
    // A lost record must not keep the later ones from being removed.
    return first === null || first.at < clock.now() - historySeconds * 1_000;
  }
}
