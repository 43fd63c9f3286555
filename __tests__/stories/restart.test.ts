import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createServer } from '../../broker/server.ts';
import { lifeOf } from '../../shared/epoch.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import type { ReceivedFrame } from '../support/parse-frames.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const ROOM = '/topic/chat/room/7';

function enter(sender: string, resume = false) {
  return { type: 'ENTER', roomId: '7', sender, message: '', resume };
}

function textsOf(frames: readonly ReceivedFrame[]): string[] {
  return frames
    .filter(({ command, headers }) => command === 'MESSAGE' && headers.subscription === 'room')
    .map(({ body }) => JSON.parse(body).message);
}

/** A server on a folder that later servers use again. */
async function start(dataDir: string, settings: object = {}) {
  return startServer({ dataDir, engine: 'embedded', gatherMs: 1, ...settings });
}

describe('a restart', () => {
  test('fills the room again without a word', async () => {
    const folder = emptyFolder();
    const first = await start(folder);
    for (const name of ['Ada', 'Bob']) {
      const client = await SocketClient.connect(first.url);
      await client.chat(enter(name), name);
    }
    await first.server.stop();

    const { url } = await start(folder);
    const watcher = await SocketClient.connect(url);
    await watcher.subscribe(ROOM, 'room');
    await watcher.subscribe(`${ROOM}/presence`, 'presence');
    const { body } = await watcher.expectFrame('MESSAGE');
    for (const name of ['Ada', 'Bob']) {
      const client = await SocketClient.connect(url);
      const { headers } = await client.chat(enter(name, true), name);
      expect(headers['x-stream-offset']).toBeUndefined();
    }
    const talker = await SocketClient.connect(url);
    await talker.chat({ type: 'TALK', roomId: '7', sender: 'Cy', message: 'still here' }, 't');
    await watcher.expectFrame('MESSAGE', (frame) => frame.body.includes('still here'));

    expect(JSON.parse(body)).toMatchObject({ type: 'STATE', count: 2, people: ['Ada', 'Bob'] });
    expect(textsOf(watcher.frames)).toEqual(['still here']);
    expect(watcher.frames.filter(({ body: text }) => text.includes('"CHANGE"'))).toEqual([]);
  });

  test('has one LEAVE for who does not come back', async () => {
    const folder = emptyFolder();
    const first = await start(folder);
    const ada = await SocketClient.connect(first.url);
    await ada.chat(enter('Ada'), '1');
    await first.server.stop();

    const { url } = await start(folder, { restartGraceMs: 200 });
    const watcher = await SocketClient.connect(url);
    watcher.frame('SUBSCRIBE', { destination: ROOM, id: 'room', 'x-stream-offset': 'first' });
    await watcher.expectFrame('MESSAGE', ({ body }) => body.includes('Ada님이 퇴장했습니다.'));
    const talker = await SocketClient.connect(url);
    await talker.chat({ type: 'TALK', roomId: '7', sender: 'Cy', message: 'gone' }, 't');
    await watcher.expectFrame('MESSAGE', ({ body }) => body.includes('gone'));

    expect(textsOf(watcher.frames)).toEqual([
      'Ada님이 입장했습니다.',
      'Ada님이 퇴장했습니다.',
      'gone',
    ]);
  });

  test('keeps rooms, their names, and the numbers that were given', async () => {
    const folder = emptyFolder();
    const first = await start(folder);
    const create = (url: string, name: string) =>
      fetch(`${url}/api/rooms`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
    await create(first.url, '책 읽기');
    const ada = await SocketClient.connect(first.url);
    await ada.chat({ type: 'TALK', roomId: 'unnamed', sender: 'Ada', message: 'hi' }, '1');
    await first.server.stop();

    const { url } = await start(folder);
    const { rooms } = await (await fetch(`${url}/api/rooms`)).json();
    const next = await (await create(url, 'another')).json();

    expect(rooms).toEqual([
      { roomId: '1', name: '책 읽기', people: 0 },
      { roomId: 'unnamed', name: null, people: 0 },
    ]);
    expect(next.roomId).toBe('2');
  });

  test('is possible after a start that failed, as its port was taken', async () => {
    const dataDir = emptyFolder();
    const { port } = await start(emptyFolder());
    const server = createServer({ port, dataDir });

    await expect(server.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });

    await expect(start(dataDir)).resolves.toBeDefined();
  });

  test('knows what was said before it', async () => {
    const folder = emptyFolder();
    const talk = { type: 'TALK', roomId: '7', sender: 'Ada', message: 'once', id: 'a-1' };
    const first = await start(folder);
    const before = await SocketClient.connect(first.url);
    await before.chat(talk, '1');
    await first.server.stop();

    const { url } = await start(folder);
    const after = await SocketClient.connect(url);
    const { headers } = await after.chat(talk, '2');

    expect(headers).toMatchObject({ 'x-duplicate': 'true', 'x-stream-offset': '1' });
  });
});

describe('a client that comes back with its position', () => {
  const talk = (message: string) => ({ type: 'TALK', roomId: '7', sender: 'Ada', message });

  async function sayAll(url: string, from: number, to: number): Promise<void> {
    const client = await SocketClient.connect(url);
    for (let at = from; at <= to; at += 1) await client.chat(talk(`m${at}`), `${at}`);
  }

  /** Subscribes again at a position. Returns the headers of the RECEIPT. */
  async function resume(url: string, epoch: string, offset: number) {
    const client = await SocketClient.connect(url);
    const start = { 'x-stream-epoch': epoch, 'x-stream-offset': `offset=${offset}` };
    client.frame('SUBSCRIBE', { destination: ROOM, id: 'room', receipt: 'r', ...start });
    const { headers } = await client.expectFrame('RECEIPT');
    return { client, headers };
  }

  async function epochOf(url: string): Promise<string> {
    const client = await SocketClient.connect(url);
    client.frame('SUBSCRIBE', { destination: ROOM, id: 'room', receipt: 'r' });
    const { headers } = await client.expectFrame('RECEIPT');
    return headers['x-stream-epoch'] ?? '';
  }

  test('gets what it missed over a restart, and what is older', async () => {
    const folder = emptyFolder();
    const first = await start(folder);
    await sayAll(first.url, 1, 5);
    const epoch = await epochOf(first.url);
    await first.server.stop();

    const { url } = await start(folder);
    await sayAll(url, 6, 7);
    const { client, headers } = await resume(url, epoch, 4);
    await client.expectFrame('MESSAGE', ({ body }) => body.includes('m7'));
    const page = await (await fetch(`${url}/api/rooms/7/messages?before=4`)).json();

    expect(headers).toMatchObject({ 'x-recovered': 'true', 'x-stream-offset': '7' });
    expect(headers['x-stream-epoch']).not.toBe(epoch);
    expect(textsOf(client.frames)).toEqual(['m4', 'm5', 'm6', 'm7']);
    expect(page.messages.map(({ offset }: { offset: number }) => offset)).toEqual([1, 2, 3]);
    expect(lifeOf(page.epoch)).toBe(lifeOf(epoch));
  });

  test('is told when a copy of the store was put back, however much is said by then', async () => {
    const folder = emptyFolder();
    const first = await start(folder);
    await sayAll(first.url, 1, 10);
    const copy = emptyFolder();
    for (const name of ['rooms.mdb', 'rooms.journal']) cpSync(join(folder, name), join(copy, name));
    await sayAll(first.url, 11, 20);
    const epoch = await epochOf(first.url);
    await first.server.stop();

    const { url } = await start(copy);
    await sayAll(url, 1_011, 1_025);
    const seen = await resume(url, epoch, 21);
    const before = await resume(url, epoch, 11);
    await before.client.expectFrame('MESSAGE', ({ body }) => body.includes('m1025'));

    expect(seen.headers).toMatchObject({ 'x-recovered': 'false', 'x-stream-offset': '25' });
    expect(before.headers).toMatchObject({ 'x-recovered': 'true' });
    expect(textsOf(before.client.frames)[0]).toBe('m1011');
    const again = await resume(url, seen.headers['x-stream-epoch'] ?? '', 26);
    expect(again.headers).toMatchObject({ 'x-recovered': 'true' });
  });

  test('is told once where its epoch is of a server before there were terms', async () => {
    const { url } = await start(emptyFolder());
    await sayAll(url, 1, 3);
    const life = lifeOf(await epochOf(url));

    const old = await resume(url, life, 3);
    const now = await resume(url, old.headers['x-stream-epoch'] ?? '', 3);

    expect(old.headers['x-recovered']).toBe('false');
    expect(now.headers['x-recovered']).toBe('true');
  });
});
