import { mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type FolderLock, lockFolder } from '../../../../broker/engine/embedded/folder-lock.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { startEmbedded } from '../embedded-store.ts';

const locks: FolderLock[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const lock of locks.splice(0)) await lock.release();
  for (const server of servers.splice(0)) server.close();
});

async function lock(folder: string): Promise<FolderLock> {
  const held = await lockFolder(folder);
  locks.push(held);
  return held;
}

/** Imitates a process in another network namespace. */
function takeOver(folder: string): Promise<void> {
  rmSync(join(folder, 'lock'));
  const server = createServer();
  servers.push(server);
  return new Promise((resolve) => server.listen(join(folder, 'lock'), resolve));
}

describe('a folder that is held', () => {
  test('is not given to another, even without its lock file', async () => {
    const folder = emptyFolder();
    const first = await lock(folder);
    const problems: string[] = [];

    for (const isRemoved of [false, true]) {
      if (isRemoved) rmSync(join(folder, 'lock'));
      await lockFolder(folder).catch((error: unknown) => problems.push(String(error)));
    }

    // Elsewhere there is only the file, and the holder finds out.
    const times = process.platform === 'linux' ? 2 : 1;
    expect(problems).toHaveLength(times);
    expect(problems[0]).toContain(`${folder} is in use by another process`);
    if (process.platform === 'linux') expect(() => first.check()).not.toThrow();
  });

  test('is still held after its lock file was removed, and free once it is let go', async () => {
    const folder = emptyFolder();
    const first = await lockFolder(folder);
    rmSync(join(folder, 'lock'));

    await first.release();

    await expect(lock(folder)).resolves.toBeDefined();
  });

  test('is lost for good once another has its lock file', async () => {
    const folder = emptyFolder();
    const first = await lock(folder);
    expect(() => first.check()).not.toThrow();

    await takeOver(folder);

    expect(() => first.checkAgain()).not.toThrow();
    expect(() => first.check()).toThrow(/is no longer held: its lock was removed/);
    rmSync(join(folder, 'lock'));
    expect(() => first.check()).toThrow(/is no longer held/);
    expect(() => first.checkAgain()).toThrow(/is no longer held/);
  });

  test('leaves the lock file of the next holder alone when it is let go', async () => {
    const folder = emptyFolder();
    const first = await lockFolder(folder);
    await takeOver(folder);

    await first.release();

    expect(statSync(join(folder, 'lock')).isSocket()).toBe(true);
  });
});

describe('an engine whose folder another has', () => {
  test('writes no more, and says so', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    const say = (text: string) => {
      const message = { headers: [], body: Buffer.from(text) };
      return engine.append([{ destination: '/kept/a', message }]);
    };
    await say('1');
    const { mtimeMs } = statSync(join(folder, 'rooms.mdb'));

    await takeOver(folder);
    let said = 0;
    while ((await say('x')).type === 'appended' && said < 10_000) said += 1;

    expect(said).toBeLessThan(1_000);
    expect(await say('x')).toMatchObject({ type: 'refused', code: 'STORE_FAILED' });
    await engine.stop();
    expect(statSync(join(folder, 'rooms.mdb')).mtimeMs).toBe(mtimeMs);
    expect(statSync(join(folder, 'rooms.journal')).isFile()).toBe(true);
  });
});

describe('what is made on the disk', () => {
  test('is its owner’s only', async () => {
    const folder = join(emptyFolder(), 'new');
    const engine = await startEmbedded(folder);
    const message = { headers: [], body: Buffer.from('x') };
    await engine.append([{ destination: '/kept/a', message }]);

    const modes = ['', 'rooms.mdb', 'rooms.mdb-lock', 'rooms.journal', 'lock'].map(
      (name) => statSync(join(folder, name)).mode & 0o777,
    );

    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
  });

  test('leaves a folder that was there as it is', async () => {
    const folder = join(emptyFolder(), 'given');
    mkdirSync(folder, { mode: 0o750 });

    await startEmbedded(folder);

    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });
});
