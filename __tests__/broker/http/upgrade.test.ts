import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { mountEndpoint } from '../../../broker/transport/mount.ts';
import { startServer } from '../../support/start-server.ts';
import { startEndpoint } from '../transport/start-endpoint.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Requests an upgrade. Reads the response up to its end, or its first chunk. */
async function ask(port: number, head: string, until: 'close' | 'data' = 'close'): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: until === 'data' });
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`${head}\r\nHost: localhost\r\nConnection: Upgrade\r\n\r\n`);
  await once(socket, until);
  return text;
}

describe('an upgrade', () => {
  test('on a path that is not the endpoint is answered 404', async () => {
    const { port } = await startServer();

    const answer = await ask(port, 'GET /elsewhere HTTP/1.1\r\nUpgrade: websocket');

    expect(answer).toMatch(/^HTTP\/1.1 404 Not Found\r\n/);
  });

  test('by a peer that never closes its side does not hold up a stop', async () => {
    const { port, server } = await startServer();
    await ask(port, 'GET /elsewhere HTTP/1.1\r\nUpgrade: websocket', 'data');

    await expect(server.stop()).resolves.toBeUndefined();
  });

  test.each([
    ['/healthz', '{"status":"serving"}'],
    ['/api/rooms', '"total":0'],
    ['/websc/info', '"websocket":true'],
  ])(
    'to something else than WebSocket at %s is ignored, as RFC 9110 allows',
    async (path, body) => {
      const { port } = await startServer();

      const answer = await ask(port, `GET ${path} HTTP/1.1\r\nUpgrade: h2c`);

      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(answer).toContain(body);
    },
  );

  test('to something else than WebSocket is told to the listeners of requests', async () => {
    const { endpoint } = await startEndpoint();
    const http = createServer();
    mountEndpoint(endpoint, http);
    let requests = 0;
    http.on('request', () => {
      requests += 1;
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;

    const answer = await ask(port, 'GET /websc/info HTTP/1.1\r\nUpgrade: h2c');
    http.close();

    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(requests).toBe(1);
  });

  test('behind a response that is still open ends its own connection alone', async () => {
    const { port, url } = await startServer();
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.resume();

    socket.write(
      'POST /websc/s/abc/xhr_streaming HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n' +
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );
    await once(socket, 'close');

    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('to something else with a body is refused', async () => {
    const { port } = await startServer();

    const answer = await ask(port, 'POST /api/rooms HTTP/1.1\r\nContent-Length: 5\r\nUpgrade: h2c');

    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});
