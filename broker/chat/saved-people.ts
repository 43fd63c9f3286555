// The people of the chat as facts of the store. Each membership has one, whose value is the name:
//
//   person <roomId> <person key> <session id>
//   person <roomId> <person key>                of an earlier version
//
// The store sorts facts by name, so after a restart people are in the order of their names.

import { personKey } from '../../shared/names.ts';
import type { Facts } from '../engine/engine.ts';
import type { Person } from './membership.ts';

const PERSON = 'person ';

export interface SavedPerson {
  readonly person: Person;
  /** The name of the fact. */
  readonly fact: string;
}

export function factOf(sessionId: string, { roomId, name }: Person): string {
  return `${PERSON}${roomId} ${personKey(name)} ${sessionId}`;
}

/** One for each membership: a person with several tabs is there several times. */
export function savedPeople(facts: Facts): SavedPerson[] {
  return [...facts.all(PERSON)].map(([fact, name]) => {
    const [, roomId = ''] = fact.split(' ', 2);
    return { person: { roomId, name }, fact };
  });
}
