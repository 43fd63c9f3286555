import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

const PINGS = 80_000;
const PAYLOAD_BYTES = 100;

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A WebSocket without a library, whose handshake was read, and nothing after it. */
async function upgraded(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const lines = [
    'GET /websc/websocket HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  return socket;
}

/** A ping masked by zeros, with its number as the payload. */
function ping(number: number): Buffer {
  const payload = Buffer.from(String(number).padStart(PAYLOAD_BYTES, '0'));
  return Buffer.concat([Buffer.of(0x89, 0x80 | PAYLOAD_BYTES, 0, 0, 0, 0), payload]);
}

test('pings of a client that reads no pong pile up nothing, and the last one is answered', async () => {
  const { port, recorders } = await startEndpoint();
  const socket = await upgraded(port);
  const pings = Buffer.concat(Array.from({ length: PINGS }, (_, at) => ping(at + 1)));
  const before = recorders[0]?.transport.bytesIn ?? 0;

  socket.write(pings);
  await until(() => (recorders[0]?.transport.bytesIn ?? 0) === before + pings.length);

  expect(recorders[0]?.transport.bufferedBytes).toBeLessThan(256 * 1_024);
  let pongs = '';
  socket
    .resume()
    .setEncoding('latin1')
    .on('data', (text) => {
      pongs += text;
    });
  const last = String(PINGS).padStart(PAYLOAD_BYTES, '0');
  await until(() => pongs.endsWith(last));
  expect(pongs.length).toBeLessThan(PINGS * (PAYLOAD_BYTES + 2));
});

test('pings of a client that reads are answered one by one', async () => {
  const { port } = await startEndpoint();
  const socket = await upgraded(port);
  let pongs = '';
  socket
    .resume()
    .setEncoding('latin1')
    .on('data', (text) => {
      pongs += text;
    });

  for (const number of [1, 2, 3]) socket.write(ping(number));

  await until(() => pongs.length === 3 * (PAYLOAD_BYTES + 2));
  expect([...pongs.matchAll(/0([1-3])/g)].map(([, number]) => number)).toEqual(['1', '2', '3']);
});

test('of many pings that come at once, the first few and the last are answered', async () => {
  const { port } = await startEndpoint();
  const socket = await upgraded(port);
  let pongs = '';
  socket
    .resume()
    .setEncoding('latin1')
    .on('data', (text) => {
      pongs += text;
    });

  socket.write(Buffer.concat(Array.from({ length: 500 }, (_, at) => ping(at + 1))));

  await until(() => pongs.endsWith('500'));
  expect(pongs).toContain(String(8).padStart(PAYLOAD_BYTES, '0'));
  expect(pongs.length / (PAYLOAD_BYTES + 2)).toBeLessThan(100);
});
