// The terms of a store. The life of a store is named once; each start of a server on it is a term,
// with a random name that is on disk before any client is told. A client remembers a position together
// with its term. After a copy of the store was restored, the terms since the copy are unknown, so
// positions of those terms are not confused with positions that are given now.

import { randomBytes } from 'node:crypto';

/** A random number of 32 bits. */
export type Term = number;

/** The first position that a term gave in a stream. */
export interface TermUse {
  readonly term: Term;
  readonly first: number;
}

/** The terms that appended to a stream, in order. */
export interface TermHistory {
  /** False: earlier ones may be missing. */
  readonly isWhole: boolean;
  readonly uses: readonly TermUse[];
}

/** The most terms that a stream remembers; positions of earlier terms are not recovered. */
const USES_MAX = 16;
/** The most terms that a store remembers, in some KiB; positions of earlier ones are not recovered. */
const TERMS_MAX = 1_024;

export const NO_TERMS: TermHistory = { isWhole: true, uses: [] };
export const LOST_TERMS: TermHistory = { isWhole: false, uses: [] };

/** The terms of a stream after one of them appended to it for the first time. */
export function withUse({ isWhole, uses }: TermHistory, use: TermUse): TermHistory {
  const isFull = uses.length === USES_MAX;
  return { isWhole: isWhole && !isFull, uses: [...(isFull ? uses.slice(1) : uses), use] };
}

let lastNamed: Term = 0;
let lastName = '0';

/** The name of a term in an epoch and in the ids of messages. */
export function termName(term: Term): string {
  // Nearly all messages of a page have the same term.
  if (term !== lastNamed) {
    lastName = term.toString(36);
    lastNamed = term;
  }
  return lastName;
}

/** The epoch that clients are told: the life of the store, and a term. */
export function epochOf(life: string, term: Term): string {
  return `${life}-${termName(term)}`;
}

/** All terms of a store in order; the last one is the present one. */
export class Terms {
  readonly present: Term;
  readonly #life: string;
  /** The places of the terms in their order, by epoch. */
  readonly #places: Map<string, number>;
  readonly #terms: readonly Term[];

  /** Begins a new term. */
  constructor(life: string, known: readonly Term[]) {
    this.#life = life;
    this.present = newTerm(known);
    this.#terms = [...known, this.present].slice(-TERMS_MAX);
    this.#places = new Map(this.#terms.map((term, at) => [epochOf(life, term), at]));
  }

  /** All terms in order. */
  get all(): readonly Term[] {
    return this.#terms;
  }

  get epoch(): string {
    return epochOf(this.#life, this.present);
  }

  /**
   * True if all positions before an offset still have the messages that a client of an epoch was told:
   * no later term gave one of these positions to another message.
   */
  isSame(epoch: string, offset: number, { isWhole, uses }: TermHistory): boolean {
    if (epoch === this.epoch) return true;
    const place = this.#places.get(epoch);
    if (place === undefined) return false;
    const later = uses.find(({ term }) => this.#placeOf(term) > place);
    // The first of the later terms may be among those that are missing.
    if (!isWhole && (uses.length === 0 || later === uses[0])) return false;
    return later === undefined || offset <= later.first;
  }

  /** A term that is no longer known was before all known terms. */
  #placeOf(term: Term): number {
    return this.#places.get(epochOf(this.#life, term)) ?? -1;
  }
}

function newTerm(known: readonly Term[]): Term {
  const term = randomBytes(4).readUInt32LE();
  return known.includes(term) ? newTerm(known) : term;
}
