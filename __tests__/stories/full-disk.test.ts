import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../support/empty-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { runProcess, startOnSmallDisk, startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const QUIET = ['--port', '0', '--log-level', 'silent'];

describe('a disk that fills while the server runs', () => {
  test('has SENDs refused with their receipt ids, and readers served', async () => {
    const args = [
      ...QUIET,
      '--chat-rate',
      '0',
      '--chat-address-rate',
      '0',
      '--data-dir',
      emptyFolder(),
    ];
    const small = await startOnSmallDisk(5_120, ...args);
    const { url } = small;
    const client = await SocketClient.connect(url);
    const message = 'x'.repeat(4_000);

    let sent = 0;
    const say = async () => {
      sent += 1;
      await client.chat({ type: 'TALK', roomId: '7', sender: 'Kim', message }, `${sent}`);
      return true;
    };
    while (await say().catch(() => false));

    const refusal = client.frames.at(-1);
    expect(refusal?.headers).toMatchObject({ code: 'STORE_FAILED', 'receipt-id': `${sent}` });
    const page = await (await fetch(`${url}/api/rooms/7/messages?limit=1`)).json();
    expect(page.head).toBe(sent - 1);
    const reader = await SocketClient.connect(url);
    const from = { destination: ROOM, id: 'room', 'x-stream-offset': 'last=1' };
    reader.frame('SUBSCRIBE', from);
    const { headers } = await reader.expectFrame('MESSAGE');
    expect(headers['x-stream-offset']).toBe(`${sent - 1}`);
    // What did not fit into the rooms' file waits in the WAL, for a disk with more room.
    await small.stop('SIGTERM');
    const roomy = await startProcess(...args);
    const all = await (await fetch(`${roomy.url}/api/rooms/7/messages?limit=1`)).json();
    expect(all.head).toBe(sent - 1);
  });

  test('before it has started is told in one line', async () => {
    const folder = emptyFolder();

    const problem = startOnSmallDisk(1_024, ...QUIET, '--data-dir', folder);

    await expect(problem).rejects.toThrow(`could not start: ${folder} cannot be used: EFBIG`);
    expect(readdirSync(folder)).not.toContain('rooms.journal');
  });
});

describe('the folder of the rooms', () => {
  async function problemOf(folder: string): Promise<string[]> {
    const { code, stderr, stdout } = await runProcess([...QUIET, '--data-dir', folder]);
    expect([code, stdout]).toEqual([1, '']);
    return stderr.trim().split('\n');
  }

  test('that another process has is told in one line', async () => {
    const folder = emptyFolder();
    await startProcess('--port', '0', '--data-dir', folder);

    const lines = await problemOf(folder);

    expect(lines).toEqual([`could not start: ${folder} is in use by another process`]);
  });

  test('that another process has is held without its lock file as well', async () => {
    const folder = emptyFolder();
    const server = await startProcess('--port', '0', '--data-dir', folder);
    rmSync(join(folder, 'lock'));

    const lines = await problemOf(folder);

    expect(lines).toEqual([`could not start: ${folder} is in use by another process`]);
    await server.stop('SIGKILL');
    await expect(startProcess('--port', '0', '--data-dir', folder)).resolves.toBeDefined();
  });

  test('with a damaged file is told in one line', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'rooms.mdb'), 'this was a database once'.repeat(1_000));

    const lines = await problemOf(folder);

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('rooms.mdb is damaged');
  });

  test('that is a file is told in one line', async () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');

    expect(await problemOf(file)).toHaveLength(1);
  });

  test('that cannot be written is told in one line', async () => {
    // Root may write everywhere but in the folders of the kernel.
    const folder = process.getuid?.() === 0 ? '/sys/kernel/rooms' : join(emptyFolder(), 'closed');
    if (folder !== '/sys/kernel/rooms') mkdirSync(folder);
    if (folder !== '/sys/kernel/rooms') chmodSync(folder, 0o500);

    expect(await problemOf(folder)).toHaveLength(1);
  });
});
