import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { open } from 'lmdb';
import { emptyFolder } from '../../support/empty-folder.ts';
import { embeddedEngine, startEmbedded } from './embedded-store.ts';

const said = [{ destination: '/kept/a', message: { headers: [], body: Buffer.from('1') } }];

/** A folder with one message, as a version with this format left it. */
async function folderOf(format: number): Promise<string> {
  const folder = emptyFolder();
  const engine = await startEmbedded(folder);
  await engine.append(said);
  await engine.stop();
  const root = open({ path: join(folder, 'rooms.mdb'), noSubdir: true, maxDbs: 5 });
  await root.openDB({ name: 'about', encoding: 'json' }).put('format', format);
  await root.close();
  return folder;
}

describe('the format of the file', () => {
  test('before there was a journal is read, and gone on with', async () => {
    const folder = await folderOf(1);

    const engine = await startEmbedded(folder);

    expect(await engine.append(said)).toMatchObject({ entries: [{ offset: 2 }] });
  });

  test('of a later version is refused, and left as it is', async () => {
    const folder = await folderOf(3);

    for (const _time of [1, 2]) {
      const problem = embeddedEngine(folder).start(() => undefined);
      await expect(problem).rejects.toThrow(/is of format 3, and this version reads 1 and 2/);
    }
  });
});
