import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startWithFewFiles } from '../support/start-process.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

test('a server without file descriptors goes on for whoever is there, and says so once', async () => {
  const server = await startWithFewFiles(160, '--port', '0', '--engine', 'memory');
  const client = await SocketClient.connect(server.url);
  await client.subscribe('/topic/x', '1');

  let closed = 0;
  for (let count = 0; count < 300; count += 1) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed += 1;
    });
    sockets.push(socket);
  }
  while (!server.output().stderr.includes('EMFILE') || closed < 100) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.frame('SEND', { destination: '/topic/x' }, 'still here');
  expect((await client.expectFrame('MESSAGE')).body).toBe('still here');
  for (const socket of sockets.splice(0)) socket.destroy();

  const later = await SocketClient.connect(server.url);

  await later.chat({ type: 'TALK', roomId: '7', sender: 'Kim', message: 'hello' }, 'said');
  const lines = server
    .output()
    .stderr.split('\n')
    .filter((line) => line.includes('EMFILE'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('ulimit -n');
});
