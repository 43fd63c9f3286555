import { describe, expect, test } from '@jest/globals';
import { SocketClient } from '../../support/socket-client.ts';
import { startServer } from '../../support/start-server.ts';

const json = (body: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('rooms over HTTP', () => {
  test('are created with the next number, and listed', async () => {
    const { url } = await startServer();

    const created = await fetch(`${url}/api/rooms`, json({ name: '책 읽기' }));

    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/api/rooms/1');
    expect(await created.json()).toEqual({ roomId: '1', name: '책 읽기', people: 0 });
    expect(await (await fetch(`${url}/api/rooms`)).json()).toEqual({
      type: 'ROOMS',
      rooms: [{ roomId: '1', name: '책 읽기', people: 0 }],
      total: 1,
    });
    expect((await fetch(`${url}/api/rooms/1`)).status).toBe(200);
  });

  test.each([
    ['/api/rooms/404', 404, 'NO_SUCH_ROOM'],
    ['/api/rooms/a.b', 400, 'BAD_ROOM_ID'],
    ['/api/nothing', 404, 'NOT_FOUND'],
    ['/nothing', 404, 'NOT_FOUND'],
  ])('%s answers %i %s', async (path, status, code) => {
    const { url } = await startServer();

    const response = await fetch(url + path);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  test.each([
    [{ name: '' }, 400, 'BAD_NAME'],
    [{ name: 'x'.repeat(51) }, 400, 'BAD_NAME'],
    [{}, 400, 'BAD_NAME'],
    ['{', 400, 'BAD_REQUEST'],
    [{ name: 'x'.repeat(20_000) }, 413, 'BAD_REQUEST'],
  ])('a new room %j is refused', async (body, status, code) => {
    const { url } = await startServer();

    const response = await fetch(`${url}/api/rooms`, json(body));

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  test('are refused beyond their limit', async () => {
    const { url } = await startServer({ roomsMax: 1 });
    await fetch(`${url}/api/rooms`, json({ name: 'one' }));

    const response = await fetch(`${url}/api/rooms`, json({ name: 'two' }));

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'TOO_MANY_ROOMS' });
  });
});

describe('another origin', () => {
  const origin = 'https://elsewhere.example';

  test('is refused, also before it asks', async () => {
    const { url } = await startServer();

    const statuses = [
      await fetch(`${url}/api/rooms`, { headers: { origin } }),
      await fetch(`${url}/api/rooms`, json({ name: 'x' }, { origin })),
      await fetch(`${url}/api/rooms`, { method: 'OPTIONS', headers: { origin } }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([403, 403, 403]);
  });

  test('is let in where the setting lists it', async () => {
    const { url } = await startServer({ allowOrigin: [origin] });

    const asked = await fetch(`${url}/api/rooms`, { method: 'OPTIONS', headers: { origin } });
    const read = await fetch(`${url}/api/rooms`, { headers: { origin } });

    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(read.headers.get('access-control-allow-origin')).toBe(origin);
  });
});

describe('the server over HTTP', () => {
  test('says that it serves', async () => {
    const { url } = await startServer();

    const response = await fetch(`${url}/healthz`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  test('says 503 while it drains, and lets nobody new in', async () => {
    const { server, url } = await startServer({ stopMs: 5_000 });
    const client = await SocketClient.connect(url);
    // A client that does not read keeps the drain waiting.
    client.webSocket.pause();

    const drained = server.drain();
    const health = await fetch(`${url}/healthz`);
    const refused = SocketClient.connect(url);

    expect(health.status).toBe(503);
    await expect(refused).rejects.toThrow('503');
    client.webSocket.resume();
    expect(await client.expectClose()).toEqual({ code: 1012, reason: 'DRAINING' });
    await drained;
  });
});
