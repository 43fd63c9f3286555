import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ask, xhrSend } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

const LIMITS = { messageBytesMax: 1 << 20, openingBytesMax: 1_000 };
const PLAIN = '/websc/websocket';
const SOCKJS = '/websc/000/abc/websocket';

/** The head of a WebSocket message of 200,000 octets, masked by zeros. */
function begun(octets: number): Buffer {
  const head = Buffer.alloc(14);
  head[0] = 0x81;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(200_000n, 2);
  return Buffer.concat([head, Buffer.alloc(octets, 'x')]);
}

/** A WebSocket whose octets the test writes by hand. */
async function rawWebSocket(port: number, path: string) {
  const socket = connectSocket(port, '127.0.0.1');
  const heard: Buffer[] = [];
  socket.on('data', (chunk) => heard.push(chunk));
  socket.on('error', () => undefined);
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await until(() => Buffer.concat(heard).includes('\r\n\r\n'));
  return { heard, socket };
}

/** RFC 6455, 5.5.1: a close frame with the code 1009. */
const TOO_LARGE = Buffer.of(0x88, 0x02, 0x03, 0xf1);

describe.each([PLAIN, SOCKJS])('a WebSocket at %s before the login', (path) => {
  test('is closed with 1009 before a large message is complete, and read no further', async () => {
    const { port, recorders } = await startEndpoint(LIMITS);
    const { heard, socket } = await rawWebSocket(port, path);

    socket.write(begun(2_000));
    await until(() => Buffer.concat(heard).includes(TOO_LARGE));

    expect(recorders[0]?.chunks).toEqual([]);
    socket.destroy();
  });

  test('may send large messages after the login', async () => {
    const { port, recorders } = await startEndpoint(LIMITS);
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    await once(webSocket, 'open');
    recorders[0]?.transport.letIn?.();

    webSocket.send(JSON.stringify(['x'.repeat(300_000)]));
    await until(() => (recorders[0]?.text.length ?? 0) >= 300_000);

    webSocket.terminate();
  });
});

test('a WebSocket counts the bytes that it keeps of an incomplete message', async () => {
  const { port, recorders } = await startEndpoint(LIMITS);
  const { socket } = await rawWebSocket(port, PLAIN);
  const transport = recorders[0]?.transport;
  transport?.letIn?.();

  socket.write(begun(50_000));
  await until(() => (transport?.midMessageBytes ?? 0) >= 50_000);

  socket.destroy();
});

test('xhr_send before the login is answered 413 for a large body', async () => {
  const broker = await startEndpoint(LIMITS);
  const session = `${broker.url}/websc/000/abc`;
  await ask(`${session}/xhr`, { method: 'POST' });

  const refused = await xhrSend(session, 'x'.repeat(2_000));
  broker.recorders[0]?.transport.letIn?.();
  const taken = await xhrSend(session, 'x'.repeat(2_000));

  expect([refused.status, taken.status]).toEqual([413, 204]);
  expect(broker.recorders[0]?.text).toHaveLength(2_000);
});
