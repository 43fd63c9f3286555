import { describe, expect, test } from '@jest/globals';
import { savedPeople } from '../../../broker/chat/saved-people.ts';
import { FactTable } from '../../../broker/engine/facts.ts';
import { membershipScene } from '../../support/membership-scene.ts';
import { turns } from '../../support/turns.ts';

describe('a person who was saved under a key of an earlier version', () => {
  test('is there once after a restart, and gone when they have left', async () => {
    const facts = new FactTable([
      ['person 7 Kim', 'Kim'],
      ['person 7 Kim\u200b', 'Kim\u200b'],
      ['person 7 \u200b', '\u200b'],
    ]);

    const people = savedPeople(facts).map(({ person }) => person);
    const { clock, membership, restartGraceMs } = membershipScene({ facts });
    await membership.restore();
    const inRoom = await membership.countOf('7');
    clock.advance(restartGraceMs);
    await turns();

    expect(new Set(people.map(({ name }) => name))).toEqual(
      new Set(['Kim', 'Kim\u200b', '\u200b']),
    );
    expect(inRoom).toBe(2);
    expect(facts.all('person ')).toEqual([]);
  });
});
