// The terms of a store. The store's life is named once, and each start of a server on it is a term,
// with a random name that is on disk before any client is told. A client remembers a position with
// the term that it was told. After a copy of the store was put back, the terms since the copy are
// unknown, and the positions that were given in them are not taken for those that are given now.

import { randomBytes } from 'node:crypto';

/** A random number of 32 bits. */
export type Term = number;

/** From which position on a term appended to a stream. */
export interface TermUse {
  readonly term: Term;
  readonly first: number;
}

/** The terms that appended to a stream, in their order. */
export interface TermHistory {
  /** False: earlier ones may be missing. */
  readonly isWhole: boolean;
  readonly uses: readonly TermUse[];
}

/** Terms that a stream remembers; a position of an earlier one is not recovered. */
const USES_MAX = 16;
/** Terms that a store remembers, in some KiB; a position of an earlier one is not recovered. */
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

/** A term in an epoch, and in the ids of messages. */
export function termName(term: Term): string {
  // Nearly all messages of a page are of one term.
  if (term !== lastNamed) {
    lastName = term.toString(36);
    lastNamed = term;
  }
  return lastName;
}

/** The epoch that clients are told: a life of the store, and a term of it. */
export function epochOf(life: string, term: Term): string {
  return `${life}-${termName(term)}`;
}

/** All terms of a store in their order; the last one is the present one. */
export class Terms {
  readonly present: Term;
  readonly #life: string;
  /** Their place in the order, by epoch. */
  readonly #places: Map<string, number>;
  readonly #terms: readonly Term[];

  /** A new term begins. */
  constructor(life: string, known: readonly Term[]) {
    this.#life = life;
    this.present = newTerm(known);
    this.#terms = [...known, this.present].slice(-TERMS_MAX);
    this.#places = new Map(this.#terms.map((term, at) => [epochOf(life, term), at]));
  }

  /** In their order. */
  get all(): readonly Term[] {
    return this.#terms;
  }

  get epoch(): string {
    return epochOf(this.#life, this.present);
  }

  /**
   * Whether all positions before an offset, of which a client was told in an epoch, are those of
   * this store: no later term has given one of them to another message.
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

  /** A term that is no longer known was before all that are. */
  #placeOf(term: Term): number {
    return this.#places.get(epochOf(this.#life, term)) ?? -1;
  }
}

function newTerm(known: readonly Term[]): Term {
  const term = randomBytes(4).readUInt32LE();
  return known.includes(term) ? newTerm(known) : term;
}
