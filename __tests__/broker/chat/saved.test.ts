import { describe, expect, test } from '@jest/globals';
import { Saved } from '../../../broker/chat/saved.ts';
import { FactTable } from '../../../broker/engine/facts.ts';

describe('a person who was saved under a key of an earlier version', () => {
  test('is there once after a restart, and gone when they have left', () => {
    const facts = new FactTable([
      ['person 7 Kim', 'Kim'],
      ['person 7 Kim\u200b', 'Kim\u200b'],
      ['person 7 \u200b', '\u200b'],
    ]);

    const people = new Saved(() => facts).people();
    for (const person of people) new Saved(() => facts).setPerson(person, false);

    expect(new Set(people.map(({ name }) => name))).toEqual(
      new Set(['Kim', 'Kim\u200b', '\u200b']),
    );
    expect(facts.all('person ')).toEqual([]);
  });
});
