import { expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startProcess } from '../support/start-process.ts';

const ROOM = '/topic/chat/room/7';
const READERS = 100;
const MIB = 1_024 * 1_024;

test('readers that never read are shed, cost little, and find everything when they come back', async () => {
  const server = await startProcess('--port', '0', '--chat-rate', '0', '--chat-address-rate', '0');
  const readers: SocketClient[] = [];
  for (let at = 0; at < READERS; at += 1) readers.push(await SocketClient.connect(server.url));
  for (const reader of readers) await reader.subscribe(ROOM, 'room');
  const talker = await SocketClient.connect(server.url);
  for (const reader of readers) reader.webSocket.pause();
  const before = server.memory();
  let most = 0;

  // Three times what may wait for each of them, their sockets' own buffers not counted.
  const message = '가'.repeat(4_000);
  for (let at = 1; at <= 1_200; at += 1) {
    await talker.chat({ type: 'TALK', roomId: '7', sender: 'Kim', message }, `${at}`);
    if (at % 100 === 0) most = Math.max(most, server.memory() - before);
  }
  const [reader] = readers;
  reader?.webSocket.resume();
  const closing = await reader?.expectClose();
  const seen = (reader?.frames ?? []).filter(({ command }) => command === 'MESSAGE');
  const last = Number(seen.at(-1)?.headers['x-stream-offset'] ?? 0);
  const back = await SocketClient.connect(server.url);
  const from = { 'x-stream-offset': `offset=${last + 1}`, receipt: 'back' };
  back.frame('SUBSCRIBE', { destination: ROOM, id: 'room', ...from });
  const { headers } = await back.expectReceipt('back');
  await back.expectFrame('MESSAGE', ({ headers: own }) => own['x-stream-offset'] === '1200');

  await server.stop('SIGTERM');
  const lines = server
    .output()
    .stderr.split('\n')
    .filter((line) => line.includes('slow consumer'));
  // The first is logged by itself, and the others of its minute as one with their count.
  const shed = lines.map((line) => Number(/"count":(\d+)/.exec(line)?.[1] ?? 1));
  expect(shed.reduce((sum, count) => sum + count, 0)).toBe(READERS);
  // 100 × 4 MiB wait, and it is the same 4 MiB for all of them.
  expect(most).toBeLessThan(150 * MIB);
  expect(['SLOW_CONSUMER', 'TRANSPORT_LOST', '']).toContain(closing?.reason);
  expect(headers['x-recovered']).toBe('true');
  const offsets = back.frames
    .filter(({ command }) => command === 'MESSAGE')
    .map(({ headers: own }) => Number(own['x-stream-offset']));
  expect(offsets).toEqual(Array.from({ length: 1_200 - last }, (_, at) => last + 1 + at));
});
