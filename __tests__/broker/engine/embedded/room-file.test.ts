import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { open, type RootDatabase } from 'lmdb';
import { nameKey, packSealed } from '../../../../broker/engine/embedded/seal.ts';
import { lifeOf } from '../../../../shared/epoch.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { memoryLog } from '../../../support/memory-log.ts';
import { embeddedEngine, startEmbedded } from '../embedded-store.ts';

const said = [{ destination: '/kept/a', message: { headers: [], body: Buffer.from('1') } }];

/** A folder with one message, after something was done to its file. */
async function folderWith(change: (root: RootDatabase) => Promise<unknown>): Promise<string> {
  const folder = emptyFolder();
  const engine = await startEmbedded(folder);
  await engine.append(said);
  await engine.stop();
  const root = open({ path: join(folder, 'rooms.mdb'), noSubdir: true, maxDbs: 8 });
  await change(root);
  await root.close();
  return folder;
}

function about(root: RootDatabase) {
  return root.openDB<unknown, string>({ name: 'about', encoding: 'json' });
}

function state(root: RootDatabase) {
  return root.openDB<Buffer, string>({ name: 'state', encoding: 'binary' });
}

describe('the format of the file', () => {
  test('of a later version is refused, and left as it is', async () => {
    const folder = await folderWith(async (root) => {
      await about(root).put('format', 4);
      for (const name of ['life', 'life (copy)']) {
        await state(root).put(name, packSealed([4, 'a life'], nameKey(name)));
      }
    });

    for (const _time of [1, 2]) {
      const problem = embeddedEngine(folder).start(() => undefined);
      await expect(problem).rejects.toThrow(/is of format 4, and this version reads 1 to 3/);
    }
  });

  test('is where servers of before look for it', async () => {
    const formats: unknown[] = [];

    await folderWith(async (root) => formats.push(about(root).get('format')));

    expect(formats).toEqual([3]);
  });

  test.each([1, 2, 7])('is not taken from a damaged %i', async (format) => {
    const folder = await folderWith((root) => about(root).put('format', format));

    const engine = await startEmbedded(folder);

    expect(engine.ends('/kept/a')).toEqual({ oldest: 1, head: 1 });
  });
});

describe('what the file knows of itself', () => {
  test.each(['life', 'life (copy)', 'terms', 'terms (copy)', 'journal', 'journal (copy)'])(
    'is still there when one copy is damaged (%s)',
    async (name) => {
      const folder = await folderWith(async (root) => {
        const record = Buffer.from(state(root).get(name) ?? Buffer.alloc(0));
        record[1] = (record[1] ?? 0) ^ 1;
        await state(root).put(name, record);
      });

      const first = await startEmbedded(folder);
      const { epoch } = first;
      await first.stop();
      const second = await startEmbedded(folder);

      expect(second.ends('/kept/a')).toEqual({ oldest: 1, head: 1 });
      expect(lifeOf(second.epoch)).toBe(lifeOf(epoch));
      expect(second.resolve('/kept/a', { epoch, offset: 2 })).toBe('known');
    },
  );

  test('is begun anew where both copies of its life are damaged', async () => {
    const log = memoryLog();
    const folder = await folderWith(async (root) => {
      for (const name of ['life', 'life (copy)']) await state(root).put(name, Buffer.from('x'));
    });

    const engine = await startEmbedded(folder, { log });

    expect(engine.ends('/kept/a')).toEqual({ oldest: 1, head: 1 });
    const errors = log.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ fields }) => fields)).toEqual([
      { state: 'life' },
      { state: 'life (copy)' },
    ]);
  });
});
