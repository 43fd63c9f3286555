import type { FactChange, Facts } from './engine.ts';

/** Facts in memory. Each change by `set` is passed to `changed`, so that it can be written. */
export class FactTable implements Facts {
  readonly #changed: (name: string, value: string | null) => void;
  readonly #facts: Map<string, string>;
  /** Facts of appends that are not committed yet. */
  readonly #pending = new Set<PendingFacts>();

  constructor(
    facts: Iterable<readonly [string, string]> = [],
    changed: (name: string, value: string | null) => void = () => undefined,
  ) {
    this.#facts = new Map(facts);
    this.#changed = changed;
  }

  all(prefix: string): (readonly [string, string])[] {
    return [...this.#facts].filter(([name]) => name.startsWith(prefix));
  }

  set(name: string, value: string | null): void {
    let isSuperseding = false;
    for (const pending of this.#pending) isSuperseding = pending.supersede(name) || isSuperseding;
    if ((this.#facts.get(name) ?? null) === value && !isSuperseding) return;
    this.#put(name, value);
    this.#changed(name, value);
  }

  /** Holds the facts of an append until it is committed or refused; `null`: it has none. */
  hold(changes: readonly FactChange[] | undefined): PendingFacts | null {
    if (changes === undefined || changes.length === 0) return null;
    const pending = new PendingFacts(
      changes,
      (name, value) => this.#put(name, value),
      () => void this.#pending.delete(pending),
    );
    this.#pending.add(pending);
    return pending;
  }

  #put(name: string, value: string | null): void {
    if (value === null) this.#facts.delete(name);
    else this.#facts.set(name, value);
  }
}

/** The facts of one append, until they are committed with it or dropped. */
export class PendingFacts {
  /** Values by name, except those of facts that `set` has changed since. */
  readonly #changes: Map<string, string | null>;
  readonly #put: (name: string, value: string | null) => void;
  readonly #settled: () => void;

  constructor(
    changes: readonly FactChange[],
    put: (name: string, value: string | null) => void,
    settled: () => void,
  ) {
    this.#changes = new Map(changes);
    this.#put = put;
    this.#settled = settled;
  }

  get changes(): ReadonlyMap<string, string | null> {
    return this.#changes;
  }

  /** Makes the facts readable, because their append is committed. */
  apply(): void {
    for (const [name, value] of this.#changes) this.#put(name, value);
    this.#settled();
  }

  /** Discards the facts, because their append was refused. */
  drop(): void {
    this.#settled();
  }

  /** Drops the change of a fact, because a later one replaces it. Returns true if there was one. */
  supersede(name: string): boolean {
    return this.#changes.delete(name);
  }
}
