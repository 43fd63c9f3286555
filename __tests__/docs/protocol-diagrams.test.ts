// The diagrams of PROTOCOL.md, "In three pictures", as a client sees them.

import { expect, test } from '@jest/globals';
import { lifeOf } from '../../shared/epoch.ts';
import { emptyFolder } from '../support/empty-folder.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const CHAT = '/app/chat/message';
const ERRORS = '/user/queue/errors';
const ROOM = '/topic/chat/room/7';

function talk(message: string, id?: string) {
  return { type: 'TALK', roomId: '7', sender: 'Kim', message, id };
}

function send(client: SocketClient, receipt: string, message: object): void {
  client.frame('SEND', { destination: CHAT, receipt }, JSON.stringify(message));
}

test('a SEND whose RECEIPT was lost is sent again, and published once', async () => {
  const { url } = await startServer();
  const [sender, subscriber] = [await SocketClient.connect(url), await SocketClient.connect(url)];
  await subscriber.subscribe(ROOM, 'room');

  send(sender, 'r1', talk('hi', 'm1'));
  const message = await subscriber.expectFrame('MESSAGE');
  sender.webSocket.terminate();
  const again = await SocketClient.connect(url);
  send(again, 'r2', talk('hi', 'm1'));
  const { headers } = await again.expectReceipt('r2');

  expect(message.headers['x-stream-offset']).toBe('1');
  expect(headers).toMatchObject({ 'x-stream-offset': '1', 'x-duplicate': 'true' });
  expect(subscriber.frames.filter(({ command }) => command === 'MESSAGE')).toHaveLength(1);
});

test('a client resumes over a restart of the server', async () => {
  const kept = { dataDir: emptyFolder(), engine: 'embedded' } as const;
  const first = await startServer(kept);
  const before = await SocketClient.connect(first.url);
  await before.chat(talk('one'), '1');
  await before.chat(talk('two'), '2');
  const start = { destination: ROOM, id: 'room', receipt: 'r1', 'x-stream-offset': 'last=50' };
  before.frame('SUBSCRIBE', start);
  const told = (await before.expectReceipt('r1')).headers;
  await before.expectFrame('MESSAGE', ({ headers }) => headers['x-stream-offset'] === '2');
  const other = await SocketClient.connect(first.url);
  before.webSocket.terminate();
  await other.chat(talk('three'), '3');

  await first.server.stop();
  const second = await startServer(kept);
  const after = await SocketClient.connect(second.url);
  const { 'x-stream-epoch': epoch = '' } = told;
  const resume = { 'x-stream-offset': 'offset=3', 'x-stream-epoch': epoch };
  after.frame('SUBSCRIBE', { destination: ROOM, id: 'room', receipt: 'r2', ...resume });
  const resumed = (await after.expectReceipt('r2')).headers;
  const { headers } = await after.expectFrame('MESSAGE');

  expect(told).toMatchObject({ 'x-stream-offset': '2', 'x-recovered': 'true' });
  expect(resumed).toMatchObject({ 'x-stream-offset': '3', 'x-recovered': 'true' });
  expect(resumed['x-stream-epoch']).not.toBe(epoch);
  expect(lifeOf(resumed['x-stream-epoch'] ?? '')).toBe(lifeOf(epoch));
  expect(headers['x-stream-offset']).toBe('3');
});

test('a refusal ends the connection only of a client that does not listen for it', async () => {
  const { url } = await startServer();
  const client = await SocketClient.connect(url);
  await client.subscribe(ERRORS, 'errors');

  send(client, 'r1', talk(''));
  const refusal = await client.expectFrame('MESSAGE');
  send(client, 'r2', talk('hi'));
  await client.expectReceipt('r2');
  client.frame('UNSUBSCRIBE', { id: 'errors' });
  send(client, 'r3', talk(''));
  const error = await client.expectFrame('ERROR');

  expect(refusal.headers).toMatchObject({ destination: ERRORS, code: 'BAD_MESSAGE' });
  expect(refusal.headers['receipt-id']).toBe('r1');
  expect(error.headers).toMatchObject({ code: 'BAD_MESSAGE', 'receipt-id': 'r3' });
  expect(await client.expectClose()).toMatchObject({ code: 1008 });
});
