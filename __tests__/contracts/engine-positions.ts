import { describe, expect, test } from '@jest/globals';
import { lifeOf } from '../../shared/epoch.ts';
import type { EngineRig } from './engine-rig.ts';

/** The standing of positions that clients remember. */
export function enginePositions(rig: EngineRig): void {
  describe('a position of the present epoch', () => {
    test.each([1, 2, 3])('is known up to the one after the newest (%i)', async (offset) => {
      await rig.sayAll('1', '2');

      const { epoch } = rig.engine;
      expect(await rig.engine.resolve('/kept/a', { epoch, offset })).toBe('known');
    });

    test('is foreign above it', async () => {
      await rig.sayAll('1', '2');

      const { epoch } = rig.engine;
      expect(await rig.engine.resolve('/kept/a', { epoch, offset: 4 })).toBe('foreign');
    });

    test('is known for a destination to which nothing was sent, if it is the first', async () => {
      const { epoch } = rig.engine;

      expect(await rig.engine.resolve('/kept/new', { epoch, offset: 1 })).toBe('known');
      expect(await rig.engine.resolve('/kept/new', { epoch, offset: 2 })).toBe('foreign');
    });
  });

  describe('a position of another epoch', () => {
    test('is foreign where the store is another one', async () => {
      const other = await rig.create();
      await other.start(() => undefined);
      await rig.say('1');

      const resolved = await rig.engine.resolve('/kept/a', { epoch: other.epoch, offset: 1 });

      expect(resolved).toBe('foreign');
      await other.stop();
    });

    test('is foreign where only the life is that of the store', async () => {
      await rig.say('1');

      const life = lifeOf(rig.engine.epoch);
      expect(life.length).toBeGreaterThan(0);
      for (const epoch of [life, `${life}-`, `${life}-0`, '']) {
        expect(await rig.engine.resolve('/kept/a', { epoch, offset: 1 })).toBe('foreign');
      }
    });
  });
}
