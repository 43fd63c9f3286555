import { describe, expect, test } from '@jest/globals';
import { bodyOf, type EngineRig, entry } from './engine-rig.ts';

export function engineFacts(rig: EngineRig): void {
  describe('facts', () => {
    test('are there as soon as they are set, by the beginning of their names', () => {
      const { facts } = rig.engine;

      facts.set('room 7', 'seven');
      facts.set('room 8', 'eight');
      facts.set('person 7 Kim', '김');

      expect([...facts.all('room ')]).toEqual([
        ['room 7', 'seven'],
        ['room 8', 'eight'],
      ]);
      expect([...facts.all('person ')]).toEqual([['person 7 Kim', '김']]);
    });

    test('are what they were set to last, or forgotten', () => {
      const { facts } = rig.engine;
      facts.set('a', '1');
      facts.set('b', '1');

      facts.set('a', '2');
      facts.set('b', null);
      facts.set('never', null);

      expect([...facts.all('')]).toEqual([['a', '2']]);
    });
  });

  describe('the facts of an append', () => {
    test('can be read from its commit on, before its messages are delivered', async () => {
      const other = await rig.create();
      const seen: unknown[] = [];
      await other.start(() => void seen.push([...other.facts.all('')]));

      const appended = other.append([entry('1')], { facts: [['member 7 Kim', '김']] });
      const before = [...other.facts.all('')];
      await appended;
      await other.stop();

      expect(before).toEqual([]);
      expect(seen).toEqual([[['member 7 Kim', '김']]]);
    });

    test('need no entries', async () => {
      rig.engine.facts.set('b', '1');

      const outcome = await rig.engine.append([], {
        facts: [
          ['a', '1'],
          ['b', null],
        ],
      });

      expect(outcome).toEqual({ type: 'appended', entries: [] });
      expect([...rig.engine.facts.all('')]).toEqual([['a', '1']]);
      expect(await rig.delivered()).toEqual([]);
    });

    test('never were if its list is refused', async () => {
      await rig.say('first', { deduplication: { id: 'a', digest: 'd1' } });

      const [refused, appended] = await Promise.all([
        rig.engine.append([entry('other', { deduplication: { id: 'a', digest: 'd2' } })], {
          facts: [['refused', '1']],
        }),
        rig.engine.append([entry('next')], { facts: [['appended', '1']] }),
      ]);

      expect([refused.type, appended.type]).toEqual(['refused', 'appended']);
      expect([...rig.engine.facts.all('')]).toEqual([['appended', '1']]);
      expect((await rig.delivered()).map(bodyOf)).toEqual(['first', 'next']);
    });

    test('never were if the engine has stopped', async () => {
      const { facts } = rig.engine;
      await rig.engine.stop();

      await rig.engine.append([], { facts: [['a', '1']] });

      expect([...facts.all('')]).toEqual([]);
    });

    test('are committed with a duplicate as well', async () => {
      const once = entry('once', { deduplication: { id: 'a', digest: 'd1' } });
      await rig.engine.append([once]);

      await rig.engine.append([once], { facts: [['a', '1']] });

      expect([...rig.engine.facts.all('')]).toEqual([['a', '1']]);
    });

    test('give way to what is set after the append, and not to what was set before it', async () => {
      const { facts } = rig.engine;
      facts.set('before', 'set');

      const appended = rig.engine.append([], {
        facts: [
          ['before', 'appended'],
          ['after', 'appended'],
          ['never there', 'appended'],
        ],
      });
      facts.set('after', 'set');
      facts.set('never there', null);
      await appended;

      expect(new Map(facts.all(''))).toEqual(
        new Map([
          ['before', 'appended'],
          ['after', 'set'],
        ]),
      );
    });

    test('of several lists in one commit are those of the last', async () => {
      await Promise.all(
        ['1', '2', '3'].map((value) => rig.engine.append([], { facts: [['a', value]] })),
      );

      expect([...rig.engine.facts.all('')]).toEqual([['a', '3']]);
    });
  });
}
