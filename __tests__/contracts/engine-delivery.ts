import { describe, expect, test } from '@jest/globals';
import type { Publication } from '../../broker/engine/engine.ts';
import { reaches, turns } from '../support/turns.ts';
import { bodyOf, type EngineRig, entry } from './engine-rig.ts';

/** The delivery of publications to this node, and its order. */
export function engineDelivery(rig: EngineRig): void {
  describe('delivery', () => {
    test('is of everything, in the order of the appends', async () => {
      const texts = Array.from({ length: 50 }, (_, index) => String(index));
      const places = ['/kept/a', '/kept/b', '/other'];

      for (const [index, text] of texts.entries()) {
        void rig.say(text, { destination: places[index % 3] ?? '' });
        if (index % 20 === 0) await rig.say('between');
      }

      const delivered = (await rig.delivered()).map(bodyOf);
      expect(delivered.filter((text) => text !== 'between')).toEqual(texts);
    });

    test('rises by one at a kept destination', async () => {
      await rig.sayAll('1', '2');
      await rig.sayAll('3', '4', '5');

      expect((await rig.delivered()).map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
    });

    test('comes in batches, none of them empty', async () => {
      await rig.engine.append([]);
      await Promise.all([rig.sayAll('1', '2', '3'), rig.say('4'), rig.engine.append([])]);

      const sizes = rig.batches.map(({ length }) => length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(4);
      expect(sizes).not.toContain(0);
    });

    test('is never before the history can return it', async () => {
      const seen: Promise<boolean>[] = [];
      const other = await rig.create();
      const isInHistory = async ({ id, offset, destination }: Publication) => {
        const query = { destination, from: offset ?? 0, direction: 'forward', limit: 1 } as const;
        return (await other.history(query)).publications[0]?.id === id;
      };
      await other.start((batch) => void seen.push(...batch.map(isInHistory)));

      void other.append([entry('1'), entry('2')]);
      void other.append([entry('3', { destination: '/kept/b' })]);
      await other.stop();

      expect(await Promise.all(seen)).toEqual([true, true, true]);
    });

    test('that goes on in later turns holds back what settles, and the next batch', async () => {
      const other = await rig.create();
      const events: string[] = [];
      let goOn = () => {};
      const deliver = (batch: readonly Publication[]) => {
        events.push(...batch.map(bodyOf));
        return new Promise<void>((resolve) => (goOn = resolve));
      };
      const settled = () => void events.push('less is pending');
      await other.start(deliver, { hasRoom: () => true, settled });
      const say = (text: string) => {
        void other.append([entry(text)]).then(({ type }) => events.push(`${text} is ${type}`));
      };

      say('1');
      await reaches(() => events.length === 1);
      const whileDelivered = { ends: await other.ends('/kept/a'), pending: other.pending };
      say('2');
      say('3');
      await turns(10);
      const before = events.splice(0);
      goOn();
      await reaches(() => events.length === 4);
      const after = events.splice(0);
      goOn();
      await other.stop();

      expect(whileDelivered).toEqual({ ends: { head: 1, oldest: 1 }, pending: 0 });
      expect(before).toEqual(['1']);
      expect(after).toEqual(['less is pending', '1 is appended', '2', '3']);
      expect(events).toEqual(['less is pending', '2 is appended', '3 is appended']);
    });

    test('is waited for when the engine stops', async () => {
      const other = await rig.create();
      const goOn: (() => void)[] = [];
      const events: string[] = [];
      await other.start((batch) => {
        events.push(...batch.map(bodyOf));
        return new Promise((resolve) => goOn.push(resolve));
      });
      void other.append([entry('1')]);
      await reaches(() => goOn.length === 1);
      void other.append([entry('2')]).then(() => events.push('2 is settled'));

      const stopped = other.stop().then(() => events.push('stopped'));
      await turns(10);
      const before = events.splice(0);
      goOn[0]?.();
      await reaches(() => goOn.length === 2);
      goOn[1]?.();
      await stopped;

      expect(before).toEqual(['1']);
      expect(events).toEqual(['2', '2 is settled', 'stopped']);
    });

    test('gives the message as it was appended', async () => {
      const headers = [
        ['이름', '철수'],
        ['x', '1'],
        ['x', '2'],
        ['', ' '],
      ] as const;
      const message = { headers, body: Buffer.from([0, 255, 10, 128]) };

      await rig.say('', { message });
      await rig.say('', { message, isEphemeral: true });

      const history = await rig.read();
      const delivered = await rig.delivered();
      expect(delivered).toEqual([
        expect.objectContaining({ destination: '/kept/a', message, offset: 1, isEphemeral: false }),
        expect.objectContaining({ message, offset: null, isEphemeral: true }),
      ]);
      expect(history.publications).toEqual(delivered.slice(0, 1));
    });

    test('gives each publication an id of its own, fit for a header', async () => {
      await rig.sayAll('1', '2');
      await rig.say('3', { destination: '/kept/b' });
      await rig.say('4', { isEphemeral: true });

      const ids = (await rig.delivered()).map(({ id }) => id);
      expect(new Set(ids).size).toBe(4);
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9.=-]+$/);
    });
  });
}
