import { describe, expect, test } from '@jest/globals';
import { bodyOf, type EngineRig, entry } from './engine-rig.ts';

/** The settling of appends, the entries that wait, and the stop. */
export function engineLife(rig: EngineRig): void {
  describe('an append', () => {
    test('settles after its commit', async () => {
      await rig.say('1');

      expect(await rig.textsOf()).toEqual(['1']);
    });

    test('settles in the order of the calls, refused or not', async () => {
      const settled: string[] = [];
      const note = (what: string) => () => settled.push(what);

      await Promise.all([
        rig.say('1', { deduplication: { id: 'a', digest: 'd1' } }).then(note('first')),
        rig.say('x', { isEphemeral: true }).then(note('ephemeral')),
        rig.say('2', { deduplication: { id: 'a', digest: 'd2' } }).then(note('refused')),
        rig.say('1', { deduplication: { id: 'a', digest: 'd1' } }).then(note('duplicate')),
        rig.engine.append([]).then(note('empty')),
        rig.sayAll('3', '4').then(note('list')),
      ]);

      expect(settled).toEqual(['first', 'ephemeral', 'refused', 'duplicate', 'empty', 'list']);
    });
  });

  describe('what is pending', () => {
    test('is nothing at first', () => {
      expect(rig.engine.pending).toBe(0);
    });

    test('is every entry that was appended and not committed', async () => {
      const appends = [rig.sayAll('1', '2'), rig.say('3', { isEphemeral: true })];
      const { bytes, pending, pendingBytes } = rig.engine;
      await Promise.all(appends);

      expect([pending, pendingBytes]).toEqual([3, 3 * 67]);
      expect(bytes).toBeGreaterThanOrEqual(pendingBytes);
      expect([rig.engine.pending, rig.engine.pendingBytes]).toEqual([0, 0]);
    });

    test('is told to be less after each commit, whatever became of it', async () => {
      const once = { deduplication: { id: 'a', digest: 'd1' } };
      await rig.say('1', once);
      const before = rig.settledCount;

      await rig.say('1', once);
      await rig.say('2', { deduplication: { id: 'a', digest: 'd2' } });

      expect(rig.settledCount - before).toBe(2);
    });

    test('is nothing any more when entries were refused', async () => {
      await rig.engine.append([
        entry('1', { deduplication: { id: 'a', digest: 'd1' } }),
        entry('2', { deduplication: { id: 'a', digest: 'd2' } }),
      ]);

      expect(rig.engine.pending).toBe(0);
    });
  });

  describe('the state', () => {
    test('is that of one who accepts, until it stops', async () => {
      expect(rig.engine.state).toBe('accepting');

      await rig.engine.stop();

      expect(rig.engine.state).toBe('stopped');
    });
  });

  describe('stop', () => {
    test('commits and delivers what is pending', async () => {
      const appends = Promise.all([rig.say('1'), rig.say('2')]);

      await rig.engine.stop();

      expect(await appends).toMatchObject([{ type: 'appended' }, { type: 'appended' }]);
      expect(rig.batches.flat().map(bodyOf)).toEqual(['1', '2']);
      expect(rig.engine.pending).toBe(0);
    });

    test('has later appends refused', async () => {
      await rig.engine.stop();

      const outcome = await rig.say('late');

      expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_STOPPED' });
      expect(rig.engine.pending).toBe(0);
      expect(rig.batches).toEqual([]);
    });

    test('refuses what is appended while it commits', async () => {
      const early = rig.say('early');
      const stopped = rig.engine.stop();

      const late = rig.say('late');
      await stopped;

      expect(await early).toMatchObject({ type: 'appended' });
      expect(await late).toMatchObject({ type: 'refused', code: 'STORE_STOPPED' });
      expect(rig.batches.flat().map(bodyOf)).toEqual(['early']);
    });

    test('may be called twice', async () => {
      await rig.engine.stop();

      await expect(rig.engine.stop()).resolves.toBeUndefined();
    });
  });

  describe('the epoch', () => {
    test('is in an alphabet that every client leaves alone', () => {
      expect(rig.engine.epoch).toMatch(/^[A-Za-z0-9.=-]+$/);
    });

    test('stays while the engine lives', async () => {
      const { epoch } = rig.engine;

      await rig.say('1');
      await rig.engine.stop();

      expect(rig.engine.epoch).toBe(epoch);
    });

    test('is the same from the start to the stop, whenever it is asked for', async () => {
      const other = await rig.create();
      const epochs: string[] = [];
      const note = () => void epochs.push(other.epoch);
      await other.start(note, { hasRoom: () => true, settled: note });
      note();

      for (let at = 0; at < 300; at += 1) void other.append([entry(`${at}`)]).then(note);
      await other.append([entry('a')], { facts: [['fact', '1']] });
      await other.follow('/kept/a');
      other.unfollow('/kept/a');
      note();
      const stopped = other.stop();
      note();
      await stopped;
      note();

      expect(epochs.length).toBeGreaterThan(300);
      expect(new Set(epochs).size).toBe(1);
    });

    test('is another one for another store', async () => {
      const other = await rig.create();
      await other.start(() => undefined);

      expect(other.epoch).not.toBe(rig.engine.epoch);
      await other.stop();
    });
  });
}
