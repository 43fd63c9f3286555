import { describe, expect, test } from '@jest/globals';
import { createServer } from '../../broker/server.ts';
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

/** A server on a folder, and its settings for the next one. */
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
