import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ThrottledLog } from '../../../broker/limits/throttled-log.ts';
import { Clients } from '../../../broker/transport/client-address.ts';
import { Connections } from '../../../broker/transport/connections.ts';
import {
  HttpConnections,
  type HttpWarning,
  httpServerOptions,
} from '../../../broker/transport/http-connections.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { startServer } from '../../support/start-server.ts';
import { until } from './until.ts';

const sockets: Socket[] = [];
const servers: { http: Server; watch: HttpConnections }[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const { http, watch } of servers.splice(0)) {
    watch.stop();
    http.closeAllConnections();
    http.close();
  }
});

/** A raw connection, and its input. */
function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const peer = { socket, text: '', isClosed: false };
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    peer.text += chunk;
  });
  socket.on('close', () => {
    peer.isClosed = true;
  });
  return peer;
}

const LIMITS = {
  connectionsMax: 100,
  connectionsPerAddressMax: 100,
  headersTimeoutMs: 10_000,
  keepAliveMs: 5_000,
  requestTimeoutMs: 30_000,
  sendTimeoutMs: 30_000,
};

/** A server that answers a POST with the length of its body, and a GET with 32 MiB. */
async function startWatched(given: Partial<typeof LIMITS> = {}) {
  const limits = { ...LIMITS, ...given };
  const clock = new FakeClock();
  const log = memoryLog();
  const warnings = new ThrottledLog<HttpWarning>(log, clock);
  const rates = { takeConnect: () => true };
  const connections = new Connections(limits, rates, { warnings });
  const http = createServer(httpServerOptions(limits), (request, response) => {
    if (request.method === 'GET') {
      response.end(Buffer.alloc(32 << 20));
      return;
    }
    let length = 0;
    request.on('error', () => undefined);
    request.on('data', (chunk) => {
      length += chunk.length;
    });
    request.once('end', () => response.end(`${length} bytes`));
  });
  const clients = new Clients([]);
  const watch = new HttpConnections(http, { clients, clock, connections, limits, warnings });
  servers.push({ http, watch });
  const accepted: Socket[] = [];
  http.on('connection', (socket) => accepted.push(socket));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { accepted, clock, connections, dial: () => dial(port), log, port };
}

describe('connections without a request', () => {
  test.each([{ connectionsMax: 3 }, { connectionsPerAddressMax: 3 }])(
    'count against %j, and give their place back',
    async (limits) => {
      const log = memoryLog();
      const { port } = await startServer(limits, { log });

      const peers = Array.from({ length: 5 }, () => dial(port));
      await until(() => peers.filter(({ isClosed }) => isClosed).length === 2);
      const [open] = peers.filter(({ isClosed }) => !isClosed);
      open?.socket.end();
      await until(() => open?.isClosed === true);
      const next = dial(port);
      next.socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await until(() => next.text.includes('alive'));

      const refusals = log.lines.filter(({ text }) => text.startsWith('connection refused'));
      expect(refusals).toHaveLength(1);
    },
  );

  test('share their limit with WebSockets, each of which counts once', async () => {
    const { port, server, url } = await startServer({ connectionsPerAddressMax: 2 });
    await SocketClient.connect(url);

    const [first, second] = [dial(port), dial(port)];
    await until(() => first.isClosed || second.isClosed);

    expect([first.isClosed, second.isClosed].filter(Boolean)).toHaveLength(1);
    expect(server.sessionCount).toBe(1);
    await expect(SocketClient.connect(url)).rejects.toThrow();
  });

  test('are ended when their head does not come in time', async () => {
    const { dial } = await startWatched({ headersTimeoutMs: 100 });
    const [silent, half] = [dial(), dial()];
    half.socket.write('GET / HTTP/1.1\r\nHo');

    await until(() => silent.isClosed && half.isClosed);

    expect(half.text).toMatch(/^HTTP\/1.1 408 /);
  });

  test('are ended when they are silent after a request', async () => {
    const { dial } = await startWatched({ keepAliveMs: 1 });
    const peer = dial();

    peer.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await until(() => peer.isClosed);

    expect(peer.text).toMatch(/^HTTP\/1.1 200 /);
  });

  test('are ended although they go on with line ends, which are no request', async () => {
    const { accepted, clock, dial } = await startWatched();
    const peer = dial();
    peer.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    await until(() => peer.text.includes('0 bytes'));
    await until(() => accepted.length === 1);

    for (let second = 0; second < 18 && !peer.isClosed; second += 1) {
      const read = accepted[0]?.bytesRead ?? 0;
      peer.socket.write('\r\n');
      await until(() => (accepted[0]?.bytesRead ?? 0) > read || peer.isClosed);
      clock.advance(1_000);
    }

    await until(() => peer.isClosed);
  });
});

describe('a request', () => {
  const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n';

  async function begun() {
    const server = await startWatched();
    const peer = server.dial();
    peer.socket.write(`${HEAD}x`);
    await until(() => (server.accepted[0]?.bytesRead ?? 0) > HEAD.length);
    return { ...server, peer };
  }

  test('is ended with 408 when its body does not come in time', async () => {
    const { clock, log, peer } = await begun();

    clock.advance(29_000);
    expect(peer.isClosed).toBe(false);
    clock.advance(2_000);
    await until(() => peer.isClosed);

    expect(peer.text).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(log.lines.map(({ fields }) => fields.overdue)).toEqual(['request']);
  });

  test('is ended although a byte comes now and then', async () => {
    const { accepted, clock, peer } = await begun();

    for (let time = 0; time < 4 && !peer.isClosed; time += 1) {
      const read = accepted[0]?.bytesRead ?? 0;
      peer.socket.write('x');
      await until(() => (accepted[0]?.bytesRead ?? 0) > read);
      clock.advance(10_000);
    }

    await until(() => peer.isClosed);
  });

  test('may take as long as it likes while its body goes on', async () => {
    const { accepted, clock, peer } = await begun();

    const chunk = 'x'.repeat(99_999);
    for (let time = 0; time < 10; time += 1) {
      const read = accepted[0]?.bytesRead ?? 0;
      peer.socket.write(time === 9 ? `${chunk}${'x'.repeat(9)}` : chunk);
      await until(() => (accepted[0]?.bytesRead ?? 0) >= read + chunk.length);
      clock.advance(60_000);
      expect(peer.isClosed).toBe(false);
    }

    await until(() => peer.text.includes('1000000 bytes'));
  });
});

describe('a response', () => {
  async function asked() {
    const server = await startWatched();
    const peer = server.dial();
    await once(peer.socket, 'connect');
    peer.socket.pause();
    peer.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => (server.accepted[0]?.writableLength ?? 0) > 0);
    return { ...server, peer };
  }

  test('that the peer does not read ends with its connection', async () => {
    const { accepted, clock, log } = await asked();

    clock.advance(29_000);
    expect(accepted[0]?.destroyed).toBe(false);
    clock.advance(31_000);

    expect(accepted[0]?.destroyed).toBe(true);
    expect(log.lines.map(({ fields }) => fields.overdue)).toEqual(['send']);
  });

  test('that the peer reads slowly is sent to its end', async () => {
    const { accepted, clock, peer } = await asked();
    let read = 0;
    peer.socket.on('data', (chunk) => {
      read += chunk.length;
    });

    // The system buffers less than one step for a peer that does not read.
    for (let step = 1; step < 4; step += 1) {
      peer.socket.resume();
      await until(() => read >= step * (8 << 20));
      peer.socket.pause();
      clock.advance(20_000);
      expect(accepted[0]?.destroyed).toBe(false);
    }
  });
});
