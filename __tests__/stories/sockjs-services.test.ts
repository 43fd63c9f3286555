// The four services of `npm run sockjs-test-server`, asked what the public tests of SockJS ask
// (SockJS protocol 0.3.3), with plain requests and WebSockets. sockjs-echo.test.ts has the rest.

import { describe, expect, test } from '@jest/globals';
import { ask, open, upgrade, xhrSend } from '../broker/transport/raw-http.ts';
import {
  poll,
  readToEnd,
  readUntil,
  sessionOf,
  talk,
  urlOf,
  useServices,
} from '../support/sockjs-services.ts';

const NOT_CACHED = 'no-store, no-cache, no-transform, must-revalidate, max-age=0';
const GO_AWAY = 'c[3000,"Go away!"]';

useServices();

describe.each(['/echo', '/disabled_websocket_echo', '/cookie_needed_echo', '/close'])(
  '%s',
  (service) => {
    test.each(['', '/'])('greets at its path%s, without a cookie', async (end) => {
      const { headers, status, text } = await ask(urlOf(service) + end);

      expect([status, text]).toEqual([200, 'Welcome to SockJS!\n']);
      expect(headers['content-type']).toBe('text/plain; charset=UTF-8');
      expect(headers['set-cookie']).toBeUndefined();
    });

    test('describes itself to pages of every origin, never from a cache', async () => {
      const { headers, status, text } = await ask(`${urlOf(service)}/info`, {
        headers: { Origin: 'test' },
      });

      const info = JSON.parse(text);
      expect(status).toBe(200);
      expect(info).toEqual({
        cookie_needed: service === '/cookie_needed_echo',
        entropy: expect.any(Number),
        origins: ['*:*'],
        websocket: service !== '/disabled_websocket_echo',
      });
      expect(info.entropy % 1).toBe(0);
      expect(headers).toMatchObject({
        'access-control-allow-credentials': 'true',
        'access-control-allow-origin': 'test',
        'cache-control': NOT_CACHED,
        'content-type': 'application/json; charset=UTF-8',
      });
      expect(headers['set-cookie']).toBeUndefined();
    });

    test.each(['/a', '/a.html', '//', '///', '/a/a', '/a/a/', '/a./a/xhr', '/a/a./xhr', '//a/xhr'])(
      'has nothing at %s',
      async (path) => {
        expect((await ask(urlOf(''), { path: service + path })).status).toBe(404);
        expect((await ask(urlOf(''), { path: service + path, method: 'POST' })).status).toBe(404);
      },
    );
  },
);

test.each([
  ['/info', 'OPTIONS, GET'],
  ['/0/0/xhr', 'OPTIONS, POST'],
  ['/0/0/xhr_send', 'OPTIONS, POST'],
  ['/0/0/xhr_streaming', 'OPTIONS, POST'],
])('a preflight of %s may be kept for a year, also from a file', async (path, methods) => {
  for (const origin of ['test', 'null']) {
    const { headers, status, text } = await ask(urlOf(`/echo${path}`), {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'a, b, c' },
    });

    expect([status, text]).toEqual([204, '']);
    expect(headers).toMatchObject({
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'a, b, c',
      'access-control-allow-methods': methods,
      'access-control-allow-origin': origin,
      'access-control-max-age': '31536000',
      'cache-control': 'public, max-age=31536000',
    });
    expect(Date.parse(headers.expires ?? '')).toBeGreaterThan(Date.now());
  }
});

describe('the service without WebSockets', () => {
  test.each(['/websocket', '/0/0/websocket'])('has nothing at %s', async (path) => {
    const service = urlOf('/disabled_websocket_echo');

    const head = await upgrade(Number(new URL(service).port), `/disabled_websocket_echo${path}`);

    expect(head).toMatch(/^HTTP\/1.1 404 /);
    expect((await ask(service + path)).status).toBe(404);
  });

  test('echoes to polling clients', async () => {
    const session = sessionOf('/disabled_websocket_echo');
    await poll(session);

    await xhrSend(session, 'x');

    expect((await poll(session)).text).toBe('a["x"]\n');
  });
});

describe('the service that needs cookies', () => {
  test.each([
    ['POST', 'xhr'],
    ['POST', 'xhr_streaming'],
    ['GET', 'eventsource'],
  ])('sets one in its answer to %s %s', async (method, transport) => {
    const at = `${sessionOf('/cookie_needed_echo')}/${transport}`;

    const stream = await open(at, { method });
    stream.destroy();

    expect(stream.headers['set-cookie']).toEqual(['JSESSIONID=dummy; path=/']);
  });

  test('gives a client its own back, where it sends as well', async () => {
    const session = sessionOf('/cookie_needed_echo');
    const headers = { Cookie: 'JSESSIONID=abcdef' };

    const polled = await poll(session, { headers });
    const sent = await ask(`${session}/xhr_send`, { method: 'POST', body: '["x"]', headers });

    for (const answer of [polled, sent]) {
      expect(answer.headers['set-cookie']).toEqual(['JSESSIONID=abcdef; path=/']);
    }
  });

  test('is the only one', async () => {
    expect((await poll(sessionOf('/echo'))).headers['set-cookie']).toBeUndefined();
  });
});

describe('the service that closes', () => {
  test('says so to every poll after the first', async () => {
    const session = sessionOf('/close');

    const texts = [];
    for (let time = 0; time < 3; time += 1) texts.push((await poll(session)).text);

    expect(texts).toEqual(['o\n', `${GO_AWAY}\n`, `${GO_AWAY}\n`]);
  });

  test('ends its streams, and does not call the first one open afterwards', async () => {
    const at = `${sessionOf('/close')}/xhr_streaming`;
    const first = await open(at, { method: 'POST' });
    expect((await readUntil(first, ']\n')).slice(2_049)).toBe(`o\n${GO_AWAY}\n`);

    const second = await readToEnd(await open(at, { method: 'POST' }));

    expect(second.slice(2_049)).toBe(`${GO_AWAY}\n`);
    expect(await readToEnd(first)).toBe('');
  });

  test('says so in an envelope to a WebSocket, and ends it', async () => {
    const { ended, heard } = await talk(`${sessionOf('/close')}/websocket`);

    expect((await ended).code).toBe(1000);
    expect(heard).toEqual(['o', GO_AWAY]);
  });

  test('says so in the close frame of a plain WebSocket', async () => {
    const { ended, heard } = await talk(urlOf('/close/websocket'));

    expect(await ended).toEqual({ code: 3000, reason: 'Go away!' });
    expect(heard).toEqual([]);
  });
});
