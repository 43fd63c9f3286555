import { describe, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const ENTER = { type: 'ENTER', roomId: '7', sender: 'Kim', message: '' };
const ROOM = '/topic/chat/room/7';

async function logIn(url: string, login: string): Promise<SocketClient> {
  const client = await SocketClient.open(url);
  client.frame('CONNECT', { 'accept-version': '1.2', host: 'test', login });
  await client.expectFrame('CONNECTED');
  return client;
}

/** Where a client heard something, once all that was said before has come. */
async function heardBy(client: SocketClient): Promise<(string | undefined)[]> {
  client.frame('SEND', { destination: '/topic/aside', receipt: 'aside' });
  await client.expectReceipt('aside');
  const messages = client.frames.filter(({ command }) => command === 'MESSAGE');
  return messages.map(({ headers }) => headers.destination);
}

describe('a pattern over everything', () => {
  test('hears no room, and keeps nothing from those who are in it', async () => {
    const { url } = await startServer();
    const [spy, kim] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    await spy.subscribe('/topic/**', 'all');
    await kim.subscribe(ROOM, 'room');

    await spy.chat(ENTER, 'entered');

    expect(await heardBy(spy)).toEqual(['/topic/aside']);
    expect((await kim.expectFrame('MESSAGE')).headers['x-stream-offset']).toBe('1');
  });

  test('hears rooms with their positions where the setting lets it', async () => {
    const { url } = await startServer({ patternsSeePrivate: true, gatherMs: 3_600_000 });
    const [watcher, kim] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    await watcher.subscribe('/topic/**', 'all');

    await kim.chat(ENTER, 'entered');
    await kim.chat({ ...ENTER, type: 'TALK', message: '안녕' }, 'said');

    for (const position of ['1', '2']) {
      const { headers } = await watcher.expectFrame('MESSAGE');
      expect(headers).toMatchObject({ destination: ROOM, 'x-stream-offset': position });
    }
  });
});

test('presence says its state to who names the room, and only its changes to a pattern', async () => {
  const { url } = await startServer({ patternsSeePrivate: true, gatherMs: 1 });
  const named = await SocketClient.connect(url);
  const pattern = await SocketClient.connect(url);
  const kim = await SocketClient.connect(url);
  await pattern.subscribe('/topic/chat/room/*/presence', 'p');
  await named.subscribe(`${ROOM}/presence`, 'n');

  await kim.chat(ENTER, 'entered');

  const state = await named.expectFrame('MESSAGE');
  const change = await named.expectFrame('MESSAGE');
  const { body, headers } = await pattern.expectFrame('MESSAGE');
  expect(JSON.parse(state.body)).toMatchObject({ type: 'STATE', count: 0 });
  expect(JSON.parse(change.body)).toMatchObject({ type: 'CHANGE', joined: ['Kim'] });
  expect([body, headers.destination]).toEqual([change.body, `${ROOM}/presence`]);
});

describe('a user', () => {
  test('is reached in all sessions, and is told of errors by the server alone', async () => {
    const { url } = await startServer({ trustLogin: true });
    const sessions = [await logIn(url, '김 철수'), await logIn(url, '김 철수')];
    for (const session of sessions) await session.subscribe('/user/queue/notes', 'notes');
    const lee = await logIn(url, 'Lee');
    await lee.subscribe('/user/queue/errors', 'errors');
    const name = encodeURIComponent('김 철수');

    lee.frame('SEND', { destination: `/user/${name}/queue/errors` }, 'you are banned');
    lee.frame('SEND', { destination: `/user/${name}/queue/notes` }, '점심?');

    expect((await lee.expectFrame('MESSAGE')).headers.code).toBe('NOT_YOURS_TO_SEND');
    for (const session of sessions) {
      const { body, headers } = await session.expectFrame('MESSAGE');
      expect([body, headers.destination]).toEqual(['점심?', '/user/queue/notes']);
    }
  });

  test('is nobody who could be named while no one checks who is who', async () => {
    const { url } = await startServer();
    const kim = await logIn(url, 'kim');
    await kim.subscribe('/user/queue/errors', 'errors');

    kim.frame('SEND', { destination: '/user/kim/queue/notes', receipt: 'r' }, 'to myself');

    const { headers } = await kim.expectFrame('MESSAGE');
    expect(headers).toMatchObject({ code: 'NO_USERS', 'receipt-id': 'r' });
  });
});
