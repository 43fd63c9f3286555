import { type ReadonlySignal, signal } from '@preact/signals';
import * as v from 'valibot';
import { codePoints, isVisible, NAME_CODE_POINTS_MAX, NameSchema } from '../shared/names.ts';
import type { KeyValueStore } from './key-value-store.ts';

const SENDER_KEY = 'wschat.sender';

export type NameProblem = 'EMPTY' | 'INVISIBLE' | 'TOO_LONG' | 'FORBIDDEN_CHARACTER';

/** The reason why a text cannot be the name of a person or a room, or `null` if it can. */
export function nameProblemOf(text: string): NameProblem | null {
  const name = text.trim();
  if (name === '') return 'EMPTY';
  if (codePoints(name) > NAME_CODE_POINTS_MAX) return 'TOO_LONG';
  if (v.is(NameSchema, name)) return null;
  return isVisible(name) ? 'FORBIDDEN_CHARACTER' : 'INVISIBLE';
}

/** The visitor's name, kept by the browser between visits. */
export class Profile {
  readonly #store: KeyValueStore;
  readonly #name;

  constructor(store: KeyValueStore) {
    this.#store = store;
    const kept = store.get(SENDER_KEY)?.trim() ?? '';
    this.#name = signal(nameProblemOf(kept) === null ? kept : '');
  }

  /** Empty until a valid name was given. */
  get name(): ReadonlySignal<string> {
    return this.#name;
  }

  /** Sets the name if it is valid. Returns the problem otherwise, and keeps the old name. */
  rename(text: string): NameProblem | null {
    const problem = nameProblemOf(text);
    if (problem !== null) return problem;
    this.#name.value = text.trim();
    this.#store.set(SENDER_KEY, this.#name.value);
    return null;
  }
}
