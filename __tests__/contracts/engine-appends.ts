import { describe, expect, test } from '@jest/globals';
import type { Appended, AppendOutcome } from '../../broker/engine/engine.ts';
import { bodyOf, type EngineRig, entry } from './engine-rig.ts';

const committed = (offset: number | null): Appended => ({ type: 'committed', offset });
const duplicate = (offset: number): Appended => ({ type: 'duplicate', offset });
const appended = (...entries: Appended[]): AppendOutcome => ({ type: 'appended', entries });
const refused = (code: string) => expect.objectContaining({ type: 'refused', code });

/** Positions, lists and duplicates. */
export function engineAppends(rig: EngineRig): void {
  describe('positions', () => {
    test('are 1, 2, 3 at each destination on its own', async () => {
      const b = { destination: '/kept/b' };

      const outcomes = await Promise.all([
        rig.say('1'),
        rig.say('1', b),
        rig.sayAll('2', '3'),
        rig.say('2', b),
      ]);

      expect(outcomes).toEqual([
        appended(committed(1)),
        appended(committed(1)),
        appended(committed(2), committed(3)),
        appended(committed(2)),
      ]);
    });

    test('go on after a commit', async () => {
      await rig.say('1');

      expect(await rig.say('2')).toEqual(appended(committed(2)));
    });

    test('are not given to what is ephemeral', async () => {
      const outcome = await rig.engine.append([
        entry('1'),
        entry('gone', { isEphemeral: true }),
        entry('2'),
      ]);

      expect(outcome).toEqual(appended(committed(1), committed(null), committed(2)));
      expect(await rig.textsOf()).toEqual(['1', '2']);
    });

    test('are not given where nothing is kept', async () => {
      const outcome = await rig.say('x', { destination: '/other' });

      expect(outcome).toEqual(appended(committed(null)));
      expect(await rig.textsOf({ destination: '/other' })).toEqual([]);
    });
  });

  describe('a list', () => {
    test('without entries is appended', async () => {
      expect(await rig.engine.append([])).toEqual(appended());
    });

    test('is refused whole, and gives its positions back', async () => {
      await rig.say('first', { deduplication: { id: 'a', digest: 'd1' } });

      const outcome = await rig.engine.append([
        entry('x'),
        entry('y', { destination: '/kept/b' }),
        entry('z', { deduplication: { id: 'a', digest: 'd2' } }),
        entry('gone', { isEphemeral: true }),
      ]);

      expect(outcome).toEqual(refused('ID_TAKEN'));
      expect(await rig.say('next')).toEqual(appended(committed(2)));
      expect(await rig.say('next', { destination: '/kept/b' })).toEqual(appended(committed(1)));
      expect((await rig.delivered()).map(bodyOf)).toEqual(['first', 'next', 'next']);
    });

    test('that was refused leaves no id behind', async () => {
      const taken = { deduplication: { id: 'a', digest: 'd1' } };
      await rig.engine.append([
        entry('x', taken),
        entry('y', { deduplication: { id: 'a', digest: 'd2' } }),
      ]);

      expect(await rig.say('x', taken)).toEqual(appended(committed(1)));
    });
  });

  describe('a duplicate', () => {
    const once = { deduplication: { id: 'a', digest: 'd1' } };

    test('gets the position of the first, and is not delivered', async () => {
      await rig.sayAll('1', '2');
      await rig.say('once', once);
      await rig.say('4');

      const outcome = await rig.say('once', once);

      expect(outcome).toEqual(appended(duplicate(3)));
      expect((await rig.delivered()).map(bodyOf)).toEqual(['1', '2', 'once', '4']);
    });

    test('in flight shares the outcome of the first', async () => {
      const outcomes = await Promise.all([
        rig.say('once', once),
        rig.say('once', once),
        rig.say('2'),
      ]);

      expect(outcomes).toEqual([
        appended(committed(1)),
        appended(duplicate(1)),
        appended(committed(2)),
      ]);
    });

    test('within one list is one as well', async () => {
      const outcome = await rig.engine.append([
        entry('once', once),
        entry('once', once),
        entry('2'),
      ]);

      expect(outcome).toEqual(appended(committed(1), duplicate(1), committed(2)));
    });

    test('does not keep the rest of its list from being appended', async () => {
      await rig.say('once', once);

      const outcome = await rig.engine.append([entry('2'), entry('once', once), entry('3')]);

      expect(outcome).toEqual(appended(committed(2), duplicate(1), committed(3)));
    });

    test('with another digest is refused', async () => {
      await rig.say('once', once);

      expect(await rig.say('else', { deduplication: { id: 'a', digest: 'd2' } })).toEqual(
        refused('ID_TAKEN'),
      );
    });

    test('with another digest is refused while the first is in flight', async () => {
      const [, second] = await Promise.all([
        rig.say('once', once),
        rig.say('else', { deduplication: { id: 'a', digest: 'd2' } }),
      ]);

      expect(second).toEqual(refused('ID_TAKEN'));
    });

    test('is none at another destination', async () => {
      await rig.say('once', once);

      const outcome = await rig.say('else', {
        destination: '/kept/b',
        deduplication: { id: 'a', digest: 'd2' },
      });

      expect(outcome).toEqual(appended(committed(1)));
    });

    test('is none where nothing is kept', async () => {
      const ephemeral = { ...once, isEphemeral: true };
      await rig.say('once', ephemeral);

      expect(await rig.say('once', ephemeral)).toEqual(appended(committed(null)));
      expect(await rig.say('once', once)).toEqual(appended(committed(1)));
    });
  });
}
