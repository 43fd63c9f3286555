import type { Facts } from './engine.ts';

/** Facts in memory; each change is told, so that it can be written. */
export class FactTable implements Facts {
  readonly #changed: (name: string, value: string | null) => void;
  readonly #facts: Map<string, string>;

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
    if ((this.#facts.get(name) ?? null) === value) return;
    if (value === null) this.#facts.delete(name);
    else this.#facts.set(name, value);
    this.#changed(name, value);
  }
}
