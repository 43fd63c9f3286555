import type { DeduplicationKey, Ends } from './engine.ts';

export interface DeduplicationLimits {
  /** The number of newest messages of a destination whose ids are remembered. */
  readonly deduplicationCount: number;
  /** The time for which an id is remembered. */
  readonly deduplicationSeconds: number;
}

interface Said {
  readonly offset: number;
  readonly digest: string;
  readonly at: number;
}

/** The earlier message that has the deduplication id of an entry. */
export interface Duplicate {
  readonly offset: number;
  /** False: the id was used for a different message. */
  readonly isSame: boolean;
}

/** The deduplication ids of one destination's newest messages, oldest first. */
export class Deduplication {
  readonly #limits: DeduplicationLimits;
  readonly #said = new Map<string, Said>();

  constructor(limits: DeduplicationLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#said.size;
  }

  /** Finds the message that used this id, among those from `oldest` to `head`. */
  find({ id, digest }: DeduplicationKey, { head, oldest }: Ends, now: number): Duplicate | null {
    const said = this.#said.get(id);
    if (said === undefined || said.at < now - this.#limits.deduplicationSeconds * 1_000)
      return null;
    if (said.offset < this.#firstOf({ head, oldest })) return null;
    return { offset: said.offset, isSame: said.digest === digest };
  }

  /** Remembers the key of the message at this position; positions rise from call to call. */
  add({ id, digest }: DeduplicationKey, offset: number, at: number): void {
    // A forgotten id may be used again; deleting it first moves it to the end of the map.
    this.#said.delete(id);
    this.#said.set(id, { offset, digest, at });
  }

  /** Forgets the ids of messages before the oldest kept one, and those beyond the limits. */
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
