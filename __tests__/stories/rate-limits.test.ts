import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { ask } from '../broker/transport/raw-http.ts';
import { until } from '../broker/transport/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

/** Says CONNECT over TCP, and hangs up; gives what came back. */
function tcpReply(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write('CONNECT\naccept-version:1.2\nhost:test\n\n\0');
  return new Promise((resolve) => {
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.once('error', () => resolve(''));
    socket.once('close', () => resolve(''));
  });
}

test('an address reconnects no faster than its connections are granted anew, at any door', async () => {
  const clock = new FakeClock();
  const settings = { connectionsPerAddressMax: 3, connectRefillMs: 10_000 };
  const { server, tcpPort, url } = await startServer(settings, { clock });
  const session = (name: string) => ask(`${url}/websc/0/${name}/xhr`, { method: 'POST' });
  for (let at = 0; at < 2; at += 1) (await SocketClient.connect(url)).webSocket.close();
  expect(await tcpReply(tcpPort)).toMatch(/^CONNECTED\n/);
  await until(() => server.sessionCount === 0);

  await expect(SocketClient.connect(url)).rejects.toThrow('503');
  expect((await session('a')).status).toBe(503);
  expect(await tcpReply(tcpPort)).toBe('');

  clock.advance(10_000);
  expect(await tcpReply(tcpPort)).toMatch(/^CONNECTED\n/);
  expect((await session('b')).text).toBe('o\n');
  (await SocketClient.connect(url)).webSocket.close();
  await until(() => server.sessionCount === 1);
  expect((await session('c')).status).toBe(503);
});

test('an address gets so many pages of histories in a while, and is told when to ask again', async () => {
  const clock = new FakeClock();
  const { url } = await startServer({ historyPageRate: 1 }, { clock });
  const get = () => fetch(`${url}/api/rooms/7/messages`);

  const statuses = [];
  for (let at = 0; at < 5; at += 1) statuses.push((await get()).status);
  const refused = await get();

  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' });
  expect((await fetch(`${url}/api/rooms`)).status).toBe(200);
  clock.advance(1_000);
  expect((await get()).status).toBe(200);
});

test('a wall clock that is set stops no rate, no heart-beat and no session', async () => {
  const clock = new FakeClock();
  const { server, url } = await startServer({ chatRate: 1, sendRate: 1 }, { clock });
  const beating = await SocketClient.open(url);
  beating.frame('CONNECT', { 'accept-version': '1.2', host: 'a', 'heart-beat': '10000,10000' });
  await beating.expectFrame('CONNECTED');
  const client = await SocketClient.connect(url);
  client.frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors', receipt: 'e' });
  await client.expectReceipt('e');
  const talk = (receipt: string) =>
    client.chat({ type: 'TALK', roomId: 7, sender: 'Kim', message: 'a' }, receipt);
  await talk('1');
  await talk('2');

  // Ten minutes back: tokens still come.
  clock.setWall(-600_000);
  clock.advance(1_000);
  await talk('3');
  // And a minute forward: nobody was silent for so long.
  clock.setWall(660_000);
  clock.advance(1_000);
  await talk('4');

  expect(server.sessionCount).toBe(2);
  expect([beating.closed, client.closed]).toEqual([null, null]);
  // Heart-beats come as before, in time that has passed.
  let heartBeats = 0;
  beating.webSocket.on('message', (data: Buffer) => {
    if (data.toString() === '\n') heartBeats += 1;
  });
  for (let second = 0; second < 25; second += 1) {
    beating.say('\n');
    clock.advance(1_000);
  }
  await until(() => heartBeats >= 2);
  expect(beating.closed).toBeNull();
});
