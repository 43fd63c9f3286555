import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { startServer } from '../../support/start-server.ts';
import { ask, open, xhrSend } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

/** Requests an upgrade, and resets the connection at the first response. */
async function upgradeAndReset(port: number, path: string, origin?: string): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      `${origin === undefined ? '' : `Origin: ${origin}\r\n`}\r\n`,
  );
  socket.once('data', () => socket.resetAndDestroy());
  await closed;
}

describe('a connection that is reset', () => {
  test.each([
    ['/websc/websocket', undefined],
    ['/websc/000/abc/websocket', undefined],
    ['/websc/websocket', 'https://foreign.example'],
    ['/websc/nothing', undefined],
    ['/elsewhere', undefined],
  ])('at %s (origin %s) takes nothing else with it', async (path, origin) => {
    const { port, server, url } = await startServer();

    for (let time = 0; time < 5; time += 1) await upgradeAndReset(port, path, origin);

    await until(() => server.sessionCount === 0);
    expect((await ask(`${url}/websc/info`)).status).toBe(200);
  });

  test('with a session on a stream ends that session, once', async () => {
    const broker = await startEndpoint();
    const session = `${broker.url}/websc/000/abc`;
    const response = await open(`${session}/xhr_streaming`, { method: 'POST' });

    response.destroy();

    await until(() => broker.connections.total === 0);
    expect(broker.recorders[0]?.closes).toBe(1);
    expect((await xhrSend(session, 'x')).status).toBe(404);
  });

  test('in the middle of an answer to a poll ends nothing else', async () => {
    const broker = await startEndpoint();
    const session = `${broker.url}/websc/000/abc`;
    await ask(`${session}/xhr`, { method: 'POST' });

    broker.recorders[0]?.write('x'.repeat(32 << 20));
    const response = await open(`${session}/xhr`, { method: 'POST' });
    response.destroy();

    await until(() => broker.recorders[0]?.transport.bufferedBytes === 0);
    expect((await ask(`${broker.url}/websc/info`)).status).toBe(200);
  });
});

describe('a session over HTTP', () => {
  test('that is left when the endpoint stops is forgotten at once', async () => {
    const broker = await startEndpoint();
    const streaming = await open(`${broker.url}/websc/000/a/xhr_streaming`, { method: 'POST' });
    await ask(`${broker.url}/websc/000/b/xhr`, { method: 'POST' });
    const ended = streaming.toArray().catch(() => 'cut off');

    broker.endpoint.stop();

    expect(broker.recorders.map(({ closes }) => closes)).toEqual([1, 1]);
    expect(broker.connections.total).toBe(0);
    expect(await ended).toBeDefined();
  });

  test('gives its place free as soon as its client was told the end', async () => {
    const broker = await startEndpoint();
    const streaming = await open(`${broker.url}/websc/000/a/xhr_streaming`, { method: 'POST' });

    broker.recorders[0]?.transport.close(1012, 'DRAINING');
    const text = Buffer.concat(await streaming.toArray()).toString();

    expect(text).toMatch(/\nc\[1012,"DRAINING"\]\n$/);
    await until(() => broker.connections.total === 0);
  });
});
