import { type ReadonlySignal, signal } from '@preact/signals';
import * as v from 'valibot';
import { codePoints, isVisible, NAME_CODE_POINTS_MAX, NameSchema } from '../shared/names.ts';
import type { KeyValueStore } from './key-value-store.ts';

const SENDER_KEY = 'wschat.sender';

export type NameProblem = 'EMPTY' | 'INVISIBLE' | 'TOO_LONG' | 'FORBIDDEN_CHARACTER';

/** What keeps a text from being the name of a person or a room; `null`: nothing. */
export function nameProblemOf(text: string): NameProblem | null {
  const name = text.trim();
  if (name === '') return 'EMPTY';
  if (codePoints(name) > NAME_CODE_POINTS_MAX) return 'TOO_LONG';
  if (v.is(NameSchema, name)) return null;
  return isVisible(name) ? 'FORBIDDEN_CHARACTER' : 'INVISIBLE';
}

/** The name to talk under; the browser keeps it between visits. */
export class Profile {
  readonly #store: KeyValueStore;
  readonly #name;

  constructor(store: KeyValueStore) {
    this.#store = store;
    const kept = store.get(SENDER_KEY)?.trim() ?? '';
    this.#name = signal(nameProblemOf(kept) === null ? kept : '');
  }

  /** Empty until somebody gave a name that can be used. */
  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  /** Takes the name if it can be used; what is wrong with it otherwise. */
  rename(text: string): NameProblem | null {
    const problem = nameProblemOf(text);
    if (problem !== null) return problem;
    this.#name.value = text.trim();
    this.#store.set(SENDER_KEY, this.#name.value);
    return null;
  }
}
