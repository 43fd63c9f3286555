import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { HttpInput, PacedInput, ReadTurns } from '../../../broker/transport/read-pieces.ts';
import { until } from './until.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  return socket;
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null && 'port' in address
    ? Number(address.port)
    : 0;
}

/** Two connected sockets; the second reads what the first writes. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  const client = dial(portOf(server));
  const [accepted]: Socket[] = await once(server, 'connection');
  if (accepted === undefined) throw new Error('no connection');
  closers.push(() => accepted.destroy());
  return [client, accepted];
}

/** A clock that advances by so much at each look. */
function slowClock(ms: number) {
  let now = 0;
  return {
    monotonic() {
      now += ms;
      return now;
    },
  };
}

test('no more than 1 KiB of requests that came at once is parsed while one of them waits', async () => {
  const requests: IncomingMessage[] = [];
  const inputs: HttpInput[] = [];
  let isHeld = false;
  const http = createServer((request) => {
    requests.push(request);
    isHeld = true;
  });
  http.on('connection', (socket) =>
    inputs.push(new HttpInput(socket, new ReadTurns(slowClock(0)), () => !isHeld)),
  );
  http.listen(0, '127.0.0.1');
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  await once(http, 'listening');
  const text = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const aPiece = Math.ceil(1_024 / text.length);

  dial(portOf(http)).write(text.repeat(2_000));
  await until(() => (requests[0]?.socket.bytesRead ?? 0) >= 20 * 1_024);
  expect(requests.length).toBeLessThanOrEqual(aPiece);
  isHeld = false;
  inputs[0]?.goOn();

  expect(requests.length).toBeGreaterThan(aPiece / 2);
  expect(requests.length).toBeLessThanOrEqual(2 * aPiece);
});

test('HTTP input beyond the time of a turn waits for later turns, and all of it is parsed', async () => {
  let bodyBytes = 0;
  const pieces: number[] = [];
  const http = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
      pieces.push(chunk.length);
    });
    request.on('end', () => response.end());
  });
  // Each piece takes the time of a whole turn.
  const turns = new ReadTurns(slowClock(10));
  http.on('connection', (socket) => new HttpInput(socket, turns, () => true));
  http.listen(0, '127.0.0.1');
  closers.push(() => {
    http.closeAllConnections();
    http.close();
  });
  await once(http, 'listening');
  const client = dial(portOf(http));

  client.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`,
  );
  await once(client, 'data');

  expect(bodyBytes).toBe(200_000);
  expect(Math.max(...pieces)).toBeLessThanOrEqual(1_024);
});

test('input beyond the time of a turn waits for later turns, and stays in order', async () => {
  const [client, socket] = await pair();
  // Each chunk takes the time of a whole turn.
  new PacedInput(socket, new ReadTurns(slowClock(10)));
  const sizes: number[] = [];
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => {
    sizes.push(chunk.length);
    chunks.push(chunk);
  });
  const sent = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 7 + at / 256) & 255));

  client.end(sent);
  await once(socket, 'end');

  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
});

test('a socket is not read while its input waits', async () => {
  const [client, socket] = await pair();
  new PacedInput(socket, new ReadTurns(slowClock(10)));
  let [most, parsed] = [0, 0];
  socket.on('data', (chunk) => {
    parsed += chunk.length;
    most = Math.max(most, socket.bytesRead - parsed);
  });

  client.end(Buffer.alloc(4_000_000));
  await once(socket, 'end');

  expect(most).toBeLessThanOrEqual(65_536);
  expect(parsed).toBe(4_000_000);
});

test('a small packet is parsed at once, however much of others waits', async () => {
  const turns = new ReadTurns(slowClock(20));
  const [flooding, flooded] = await pair();
  const [calling, called] = await pair();
  new PacedInput(flooded, turns);
  new PacedInput(called, turns);
  let seen = 0;
  flooded.on('data', (chunk) => {
    seen += chunk.length;
  });
  flooding.write(Buffer.alloc(4_000_000));
  await until(() => flooded.bytesRead >= 16_384);

  calling.write('hello');
  await once(called, 'data');

  expect(seen).toBeLessThan(4_000_000);
});
