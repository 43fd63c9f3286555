import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Everything that comes until the server closes the connection. */
async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

describe('HTTP connections', () => {
  test('count as connections, idle ones too', async () => {
    const { port, url } = await startServer({ connectionsMax: 10 });
    let closed = 0;
    const idle = Array.from({ length: 30 }, () => open(port));
    for (const socket of idle) {
      socket.once('close', () => {
        closed += 1;
      });
      socket.resume();
    }

    while (closed < 20) await new Promise((resolve) => setImmediate(resolve));
    await expect(SocketClient.connect(url)).rejects.toThrow();
    for (const socket of idle) socket.destroy();
    while (closed < 30) await new Promise((resolve) => setImmediate(resolve));

    // The server may still have to notice that they are gone.
    let client: SocketClient | null = null;
    for (let tries = 0; client === null && tries < 1_000; tries += 1) {
      client = await SocketClient.connect(url).catch(() => null);
    }
    expect(client).not.toBeNull();
  });

  test('get the answers to pipelined requests in order, all of them', async () => {
    const { port, url } = await startServer();
    const talker = await SocketClient.connect(url);
    await talker.chat({ type: 'TALK', roomId: '7', sender: 'Kim', message: 'x' }, 'said');
    const ask = (after: number, more = '') =>
      `GET /api/rooms/7/messages?after=${after}&limit=200 HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    const socket = open(port);

    const requests = Array.from({ length: 199 }, (_, at) => ask(at % 2));
    socket.write(`${requests.join('')}${ask(1, 'Connection: close\r\n')}`);

    const text = await allOf(socket);
    const counts = [...text.matchAll(/"messages":\[(\{?)/g)].map(([, first]) => first === '{');
    expect(counts).toEqual(Array.from({ length: 200 }, (_, at) => at < 199 && at % 2 === 0));
  });
});
