import { describe, expect, test } from '@jest/globals';
import type { EngineRig } from './engine-rig.ts';

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

  describe('the ends of a destination', () => {
    test('are those of what was delivered', async () => {
      expect(rig.engine.ends('/kept/a')).toEqual({ oldest: 1, head: 0 });

      await rig.sayAll('1', '2');

      expect(rig.engine.ends('/kept/a')).toEqual({ oldest: 1, head: 2 });
    });

    test('are none where nothing is kept', async () => {
      await rig.say('x', { destination: '/passing' });

      expect(rig.engine.ends('/passing')).toBeNull();
    });
  });
}
