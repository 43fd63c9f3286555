import { describe, expect, test } from '@jest/globals';
import type { AppendOutcome } from '../../broker/engine/engine.ts';
import { type EngineRig, entry } from './engine-rig.ts';

/** Streams that a test makes, more than any engine keeps at once. */
const MANY = 130;

/** Streams that make room for others; the engines of this suite keep 100 of them. */
export function engineStreams(rig: EngineRig): void {
  const shortLived = (at: number) => ({ destination: `/kept/short/${at}` });
  const offsetOf = (outcome: AppendOutcome) =>
    outcome.type === 'appended' ? outcome.entries[0]?.offset : outcome.code;

  describe('streams', () => {
    test('without messages make room for new ones, without end', async () => {
      for (let at = 0; at < MANY; at += 1) {
        expect(offsetOf(await rig.large(shortLived(at)))).toEqual(expect.any(Number));
      }
    });

    test('go on with their positions when they come back', async () => {
      for (let at = 0; at < MANY; at += 1) await rig.large(shortLived(at));
      await rig.large(shortLived(0));

      expect(await rig.engine.ends('/kept/short/0')).toEqual({ head: 2, oldest: 3 });
      expect(await rig.engine.ends('/kept/short/1')).toEqual({ head: 1, oldest: 2 });
      expect(await rig.read(shortLived(1))).toEqual({ publications: [], head: 1, oldest: 2 });
      expect(offsetOf(await rig.large(shortLived(1)))).toBe(2);
    });

    test('are known to be the same ones when they come back', async () => {
      const { epoch } = rig.engine;
      for (let at = 0; at < MANY; at += 1) await rig.large(shortLived(at));

      const known = await rig.engine.resolve('/kept/short/0', { epoch, offset: 2 });
      const foreign = await rig.engine.resolve('/kept/short/0', { epoch, offset: 3 });

      expect([known, foreign]).toEqual(['known', 'foreign']);
    });

    test('with messages stay, and have one too many refused', async () => {
      for (let at = 0; at < 100; at += 1) await rig.say('x', { destination: `/kept/${at}` });

      expect(offsetOf(await rig.say('x', { destination: '/kept/new' }))).toBe('STORE_FULL');
      expect(offsetOf(await rig.large(shortLived(0)))).toBe('STORE_FULL');
      expect(offsetOf(await rig.say('y', { destination: '/kept/7' }))).toBe(2);
    });

    test('make room for no more of one list than there is', async () => {
      for (let at = 0; at < 98; at += 1) await rig.say('x', { destination: `/kept/${at}` });
      await rig.large(shortLived(1));
      await rig.large(shortLived(2));

      const three = ['/kept/n1', '/kept/n2', '/kept/n3'].map((destination) =>
        entry('x', { destination }),
      );

      expect(offsetOf(await rig.engine.append(three))).toBe('STORE_FULL');
      expect(offsetOf(await rig.engine.append(three.slice(1)))).toBe(1);
    });

    test('give every message an id of its own, whatever came and went', async () => {
      for (let round = 0; round < 2; round += 1) {
        for (let at = 0; at < MANY; at += 1) await rig.large(shortLived(at));
      }

      const ids = (await rig.delivered()).map(({ id }) => id);
      expect(new Set(ids).size).toBe(2 * MANY);
    });
  });
}
