import type { Ends, RepeatKey } from './engine.ts';

export interface RepeatLimits {
  /** Messages of a destination whose ids are remembered, the newest. */
  readonly repeatCount: number;
  /** How long an id is remembered. */
  readonly repeatSeconds: number;
}

interface Said {
  readonly offset: number;
  readonly digest: string;
  readonly at: number;
}

/** What an entry's id was used for. */
export interface Repeat {
  readonly offset: number;
  /** False: for another message. */
  readonly isSame: boolean;
}

/** The ids of one destination's newest messages, oldest first. */
export class Repeats {
  readonly #limits: RepeatLimits;
  readonly #said = new Map<string, Said>();

  constructor(limits: RepeatLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#said.size;
  }

  /** What the key was used for, among the messages from `oldest` to `head`. */
  find({ id, digest }: RepeatKey, { head, oldest }: Ends, now: number): Repeat | null {
    const said = this.#said.get(id);
    if (said === undefined || said.at < now - this.#limits.repeatSeconds * 1_000) return null;
    if (said.offset < this.#firstOf({ head, oldest })) return null;
    return { offset: said.offset, isSame: said.digest === digest };
  }

  /** The message at this position was said under the key; positions rise from call to call. */
  add({ id, digest }: RepeatKey, offset: number, at: number): void {
    // A forgotten id may come again: it stands where its newest message does.
    this.#said.delete(id);
    this.#said.set(id, { offset, digest, at });
  }

  /** Forgets what is before the oldest message that is kept, or before the last so many. */
  forget(ends: Ends, now: number): void {
    const first = this.#firstOf(ends);
    for (const [id, { offset, at }] of this.#said) {
      if (offset >= first && at >= now - this.#limits.repeatSeconds * 1_000) return;
      this.#said.delete(id);
    }
  }

  #firstOf({ head, oldest }: Ends): number {
    return Math.max(oldest, head - this.#limits.repeatCount + 1);
  }
}
