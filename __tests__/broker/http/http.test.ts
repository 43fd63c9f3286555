import { describe, expect, test } from '@jest/globals';
import { parseHistoryPage } from '../../../shared/history.ts';
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

describe('the rooms of one address', () => {
  test('are so many an hour, over HTTP and STOMP together', async () => {
    const { url } = await startServer({ newRoomsPerHour: 2 });
    const client = await SocketClient.connect(url);
    await client.subscribe('/user/queue/errors', 'errors');
    await client.chat({ type: 'TALK', roomId: 'a', sender: 'Kim', message: 'hi' }, '1');
    await fetch(`${url}/api/rooms`, json({ name: 'b' }));

    const response = await fetch(`${url}/api/rooms`, json({ name: 'c' }));
    const talk = { type: 'TALK', roomId: 'd', sender: 'Kim', message: 'hi' };
    client.frame('SEND', { destination: '/app/chat/message' }, JSON.stringify(talk));

    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: 'TOO_MANY_NEW_ROOMS' });
    const { headers } = await client.expectFrame('MESSAGE');
    expect(headers.code).toBe('TOO_MANY_NEW_ROOMS');
    // Existing rooms stay open.
    await client.chat({ type: 'TALK', roomId: 'a', sender: 'Kim', message: 'hi' }, '2');
  });

  test('are not sent again as long as they are the same', async () => {
    const { url } = await startServer({ gatherMs: 1 });
    const etag = (await fetch(`${url}/api/rooms`)).headers.get('etag') ?? '';
    // Without this header, fetch asks for a fresh response whatever the tag is.
    const again = { 'cache-control': 'max-age=0', 'if-none-match': etag };

    expect((await fetch(`${url}/api/rooms`, { headers: again })).status).toBe(304);
    const client = await SocketClient.connect(url);
    await client.subscribe('/topic/chat/rooms', 'lobby');
    await fetch(`${url}/api/rooms`, json({ name: 'b' }));
    await client.expectFrame('MESSAGE', ({ body }) => body.includes('CHANGED'));

    expect((await fetch(`${url}/api/rooms`, { headers: again })).status).toBe(200);
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

describe('the history of a room over HTTP', () => {
  /** A server with so many messages in room 7. */
  async function serverWith(count: number) {
    const { url } = await startServer({ chatRate: 0, chatBodyBytes: 1_048_576 });
    const client = await SocketClient.connect(url);
    for (let at = 1; at <= count; at += 1) {
      const talk = { type: 'TALK', roomId: 7, sender: 'Kim', message: `${at}` };
      await client.chat(talk, `${at}`);
    }
    const get = (query = '', headers: Record<string, string> = {}) =>
      fetch(`${url}/api/rooms/7/messages${query}`, { headers });
    return { client, get };
  }

  async function offsetsOf(response: Response): Promise<number[]> {
    const { messages } = parseHistoryPage(await response.json()) ?? { messages: [] };
    return messages.map(({ offset }) => offset);
  }

  test.each([
    ['', [1, 2, 3, 4, 5]],
    ['?limit=2', [4, 5]],
    ['?before=4&limit=2', [2, 3]],
    ['?before=1', []],
    ['?after=3', [4, 5]],
    ['?after=0&limit=2', [1, 2]],
    ['?after=5', []],
  ])('%s gives %j, oldest first', async (query, offsets) => {
    const { get } = await serverWith(5);

    expect(await offsetsOf(await get(query))).toEqual(offsets);
  });

  test('has each message as it was published, and the ends of what is kept', async () => {
    const { get } = await serverWith(1);

    const page = await (await get()).json();

    expect(page).toMatchObject({ oldest: 1, head: 1, epoch: expect.any(String) });
    expect(page.messages[0].message).toMatchObject({ type: 'TALK', roomId: 7, message: '1' });
  });

  test.each([
    ['', [3, 4, 5]],
    ['?before=3', [1, 2]],
    ['?after=0', [1, 2, 3]],
  ])('%s gives fewer of large ones: %j', async (query, offsets) => {
    const { client, get } = await serverWith(0);
    const large = {
      type: 'TALK',
      roomId: 7,
      sender: 'Kim',
      message: 'x',
      more: 'x'.repeat(300_000),
    };
    for (const receipt of ['1', '2', '3', '4', '5']) await client.chat(large, receipt);

    expect(await offsetsOf(await get(query))).toEqual(offsets);
  });

  test('is empty where nothing was said', async () => {
    const { url } = await startServer();

    const response = await fetch(`${url}/api/rooms/nobody/messages`);

    expect(await response.json()).toMatchObject({ oldest: 1, head: 0, messages: [] });
  });

  test.each(['?limit=0', '?limit=201', '?before=x', '?before=1&after=2', '?limit=1&limit=2'])(
    '%s is refused',
    async (query) => {
      const { get } = await serverWith(0);

      const response = await get(query);

      expect([response.status, (await response.json()).code]).toEqual([400, 'BAD_RANGE']);
    },
  );

  test('is not sent again as long as it is the same', async () => {
    const { client, get } = await serverWith(2);
    const etag = (await get()).headers.get('etag') ?? '';

    // Without this header, fetch asks for a fresh response whatever the tag is.
    const again = { 'cache-control': 'max-age=0', 'if-none-match': etag };

    expect((await get('', again)).status).toBe(304);
    await client.chat({ type: 'TALK', roomId: 7, sender: 'Kim', message: 'new' }, 'new');
    expect((await get('', again)).status).toBe(200);
  });
});
