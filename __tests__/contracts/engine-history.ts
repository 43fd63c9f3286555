import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineRig } from './engine-rig.ts';

/** Pages by position, in both directions. */
export function engineHistory(rig: EngineRig): void {
  describe('the history of a destination where nothing was said', () => {
    test.each(['oldest', 'newest', 0, 1, 7] as const)('is empty from %s', async (from) => {
      for (const direction of ['forward', 'backward'] as const) {
        const page = await rig.read({ from, direction });

        expect(page).toEqual({ publications: [], oldest: 1, head: 0 });
      }
    });

    test('is not begun by what is ephemeral', async () => {
      await rig.say('x', { isEphemeral: true });

      expect(await rig.read()).toEqual({ publications: [], oldest: 1, head: 0 });
    });

    test('is not begun by a list that is refused', async () => {
      await rig.say('x', { destination: '/kept/b', deduplication: { id: 'a', digest: 'd1' } });

      await rig.engine.append([
        { destination: '/kept/a', message: { headers: [], body: Buffer.from('y') } },
        {
          destination: '/kept/b',
          message: { headers: [], body: Buffer.from('z') },
          deduplication: { id: 'a', digest: 'd2' },
        },
      ]);

      expect(await rig.read()).toEqual({ publications: [], oldest: 1, head: 0 });
    });
  });

  describe('the history of five messages', () => {
    beforeEach(async () => {
      await rig.sayAll('1', '2');
      await rig.say('other', { destination: '/kept/b' });
      await rig.sayAll('3', '4', '5');
    });

    test('has the ends of what is kept with every page', async () => {
      for (const from of ['oldest', 'newest', 0, 3, 9] as const) {
        expect(await rig.read({ from, limit: 1 })).toMatchObject({ oldest: 1, head: 5 });
      }
    });

    test.each([
      ['forward', 'oldest', ['1']],
      ['backward', 'newest', ['5']],
    ] as const)('has %s one message where bytes allow for none', async (direction, from, texts) => {
      expect(await rig.textsOf({ direction, from, bytesMax: 1 })).toEqual(texts);
    });

    test('has as many messages as bytes allow for', async () => {
      const texts = await rig.textsOf({ bytesMax: 1_000_000 });

      expect(texts).toEqual(['1', '2', '3', '4', '5']);
    });

    test('has the positions that were given', async () => {
      const { publications } = await rig.read();

      expect(publications.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
    });

    test('holds nothing of another destination', async () => {
      expect(await rig.textsOf({ destination: '/kept/b' })).toEqual(['other']);
    });

    test.each([
      ['oldest', 100, '12345'],
      ['oldest', 2, '12'],
      ['oldest', 1, '1'],
      [1, 5, '12345'],
      [2, 3, '234'],
      [4, 100, '45'],
      [5, 100, '5'],
      [0, 2, '12'],
      [-3, 2, '12'],
      [6, 100, ''],
      [1_000, 100, ''],
      ['newest', 100, '5'],
    ] as const)('forward from %s, at most %d, is %j', async (from, limit, texts) => {
      const page = await rig.textsOf({ from, direction: 'forward', limit });

      expect(page.join('')).toBe(texts);
    });

    test.each([
      ['newest', 100, '54321'],
      ['newest', 2, '54'],
      ['newest', 1, '5'],
      [5, 5, '54321'],
      [4, 3, '432'],
      [2, 100, '21'],
      [1, 100, '1'],
      [0, 100, ''],
      [-3, 100, ''],
      [6, 2, '54'],
      [1_000, 2, '54'],
      ['oldest', 100, '1'],
    ] as const)('backward from %s, at most %d, is %j', async (from, limit, texts) => {
      const page = await rig.textsOf({ from, direction: 'backward', limit });

      expect(page.join('')).toBe(texts);
    });

    test('does not change a page that was read', async () => {
      const page = await rig.read();

      await rig.say('6');

      expect(page.publications).toHaveLength(5);
      expect(page.head).toBe(5);
    });
  });

  describe('a long history', () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => String(index + 1));

    test('is read page by page, each message once', async () => {
      await rig.sayAll(...texts);

      const read: string[] = [];
      for (let from = 1; from <= 1_000; from += 64) {
        read.push(...(await rig.textsOf({ from, limit: 64 })));
      }

      expect(read).toEqual(texts);
    });

    test('is the same backward', async () => {
      await rig.sayAll(...texts);

      const page = await rig.textsOf({ from: 'newest', direction: 'backward', limit: 1_000 });

      expect(page).toEqual(texts.toReversed());
    });
  });
}
