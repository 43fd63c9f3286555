import { describe, expect, test } from '@jest/globals';
import { reaches } from '../support/turns.ts';
import { bodyOf, type EngineRig, entry } from './engine-rig.ts';

/** The ends of a destination, and what is delivered from when it is followed. */
export function engineFollow(rig: EngineRig): void {
  describe('the ends of a destination', () => {
    test('are those of what was delivered', async () => {
      expect(await rig.engine.ends('/kept/a')).toEqual({ oldest: 1, head: 0 });

      await rig.sayAll('1', '2');

      expect(await rig.engine.ends('/kept/a')).toEqual({ oldest: 1, head: 2 });
    });

    test('are none where nothing is kept', async () => {
      await rig.say('x', { destination: '/passing' });

      expect(await rig.engine.ends('/passing')).toBeNull();
    });
  });

  describe('a destination that is followed', () => {
    test('is told its ends, those of nothing included', async () => {
      await rig.sayAll('1', '2');

      expect(await rig.engine.follow('/kept/a')).toEqual({ oldest: 1, head: 2 });
      expect(await rig.engine.follow('/kept/b')).toEqual({ oldest: 1, head: 0 });
    });

    test('has none where nothing is kept, or as a pattern', async () => {
      expect(await rig.engine.follow('/passing')).toBeNull();
      expect(await rig.engine.follow('/passing/**')).toBeNull();
    });

    test('is delivered without a gap from its ends on, while others publish', async () => {
      const heads: number[] = [];
      const publish = async () => {
        for (let at = 0; at < 30; at += 1) await rig.say(String(at));
      };

      const published = publish();
      for (let at = 0; at < 10; at += 1) {
        const deliveredBefore = offsetsIn(rig).length;
        const { head = 0 } = (await rig.engine.follow('/kept/a')) ?? {};
        expect(head).toBeGreaterThanOrEqual(deliveredBefore);
        heads.push(head);
        rig.engine.unfollow('/kept/a');
        await reaches(() => offsetsIn(rig).length > head || head === 30);
      }
      await rig.engine.follow('/kept/a');
      await published;
      await rig.engine.stop();

      expect(heads).toEqual(heads.toSorted((one, other) => one - other));
      expect(offsetsIn(rig)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    });

    test('counts the batch that is being delivered', async () => {
      const other = await rig.create();
      const goOn: (() => void)[] = [];
      await other.start(() => new Promise((resolve) => goOn.push(resolve)));
      const appended = other.append([entry('1'), entry('2')]);
      await reaches(() => goOn.length === 1);

      const ends = await other.follow('/kept/a');
      goOn[0]?.();
      await appended;
      await other.stop();

      expect(ends).toEqual({ head: 2, oldest: 1 });
    });

    test('may be left and followed again, in any number of turns', async () => {
      await rig.engine.follow('/kept/a');
      rig.engine.unfollow('/kept/a');
      const first = rig.engine.follow('/kept/a');
      rig.engine.unfollow('/kept/a');
      const second = rig.engine.follow('/kept/a');
      await rig.say('1');
      await Promise.all([first, second]);

      expect((await rig.delivered()).map(bodyOf)).toEqual(['1']);
    });
  });
}

function offsetsIn({ batches }: EngineRig) {
  return batches.flat().map(({ offset }) => offset);
}
