// Stores of earlier versions, opened by this one: nothing of them is lost, wherever the process that
// converts them is killed.

import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { open } from 'lmdb';
import { RoomFile } from '../../../../broker/engine/embedded/room-file.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { embeddedEngine, startEmbedded } from '../embedded-store.ts';
import { expectAll, LIMITS, OLD_STORES, oldStore } from '../old-stores.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** A copy of the files as they are now: the state that a killed process leaves behind. */
function crashed(folder: string): string {
  const copy = emptyFolder();
  for (const name of readdirSync(folder)) {
    if (statSync(join(folder, name)).isFile()) cpSync(join(folder, name), join(copy, name));
  }
  return copy;
}

describe.each(OLD_STORES)('a store of an earlier version (%s)', (name) => {
  test('is opened with all that is in it, and again', async () => {
    const folder = oldStore(name);

    await expectAll(folder);
    await expectAll(folder);

    expect(readdirSync(folder).sort()).toEqual(['rooms.mdb', 'rooms.mdb-lock']);
    expect(statSync(join(folder, 'rooms.mdb')).mode & 0o777).toBe(0o600);
  });

  test('is there as a whole when the process is killed before any of its commits', async () => {
    const folder = oldStore(name);
    const left: string[] = [];
    const { commit } = RoomFile.prototype;
    jest.spyOn(RoomFile.prototype, 'commit').mockImplementation(async function (
      this: RoomFile,
      ...args
    ) {
      left.push(crashed(folder));
      await commit.apply(this, args);
      left.push(crashed(folder));
    });
    const engine = await startEmbedded(folder, { limits: LIMITS });
    left.push(crashed(folder));
    await engine.stop();
    jest.restoreAllMocks();

    expect(left.length).toBeGreaterThan(4);
    for (const one of left) await expectAll(one);
  });

  test('is left as it was where the conversion fails', async () => {
    const folder = oldStore(name);
    jest.spyOn(RoomFile.prototype, 'commit').mockRejectedValue(new Error('the disk is full'));

    const problem = embeddedEngine(folder, { limits: LIMITS }).start(() => undefined);

    await expect(problem).rejects.toThrow('the disk is full');
    expect(readdirSync(folder)).not.toContain('rooms.mdb-converted');
    jest.restoreAllMocks();
    await expectAll(folder);
  });
});

describe('a conversion', () => {
  test('keeps the life of the store, and none of its terms', async () => {
    const folder = oldStore('format-2-stopped');
    const old = open({ path: join(folder, 'rooms.mdb'), noSubdir: true, maxDbs: 5 });
    const life = String(old.openDB({ name: 'about', encoding: 'json' }).get('epoch'));
    await old.close();

    const engine = await startEmbedded(folder, { limits: LIMITS });

    expect(engine.epoch.startsWith(`${life}-`)).toBe(true);
    expect(engine.resolve('/kept/a', { epoch: life, offset: 601 })).toBe('foreign');
    expect(engine.resolve('/kept/a', { epoch: engine.epoch, offset: 601 })).toBe('known');
  });

  test('leaves out headers that carry credentials', async () => {
    const engine = await startEmbedded(oldStore('format-2-killed'), { limits: LIMITS });

    const { publications } = await engine.history({
      destination: '/kept/b',
      direction: 'forward',
      from: 'oldest',
      limit: 1,
    });

    expect(publications[0]?.message.headers).toEqual([['x', '1']]);
  });
});
