import type { DeduplicationKey, Ends } from './engine.ts';

export interface DeduplicationLimits {
  /** Messages of a destination whose ids are remembered, the newest. */
  readonly deduplicationCount: number;
  /** How long an id is remembered. */
  readonly deduplicationSeconds: number;
}

interface Said {
  readonly offset: number;
  readonly digest: string;
  readonly at: number;
}

/** What an entry's id was used for. */
export interface Duplicate {
  readonly offset: number;
  /** False: for another message. */
  readonly isSame: boolean;
}

/** The ids of one destination's newest messages, oldest first. */
export class Deduplication {
  readonly #limits: DeduplicationLimits;
  readonly #said = new Map<string, Said>();

  constructor(limits: DeduplicationLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#said.size;
  }

  /** What the key was used for, among the messages from `oldest` to `head`. */
  find({ id, digest }: DeduplicationKey, { head, oldest }: Ends, now: number): Duplicate | null {
    const said = this.#said.get(id);
    if (said === undefined || said.at < now - this.#limits.deduplicationSeconds * 1_000)
      return null;
    if (said.offset < this.#firstOf({ head, oldest })) return null;
    return { offset: said.offset, isSame: said.digest === digest };
  }

  /** The message at this position was said under the key; positions rise from call to call. */
  add({ id, digest }: DeduplicationKey, offset: number, at: number): void {
    // A forgotten id may come again: it stands where its newest message does.
    this.#said.delete(id);
    this.#said.set(id, { offset, digest, at });
  }

  /** Forgets what is before the oldest message that is kept, or before the last so many. */
  forget(ends: Ends, now: number): void {
    const first = this.#firstOf(ends);
    for (const [id, { offset, at }] of this.#said) {
      if (offset >= first && at >= now - this.#limits.deduplicationSeconds * 1_000) return;
      this.#said.delete(id);
    }
  }

  #firstOf({ head, oldest }: Ends): number {
    return Math.max(oldest, head - this.#limits.deduplicationCount + 1);
  }
}
