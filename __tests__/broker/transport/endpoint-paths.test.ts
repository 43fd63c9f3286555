import { beforeEach, describe, expect, test } from '@jest/globals';
import { ask, open, upgrade, xhrSend } from './raw-http.ts';
import { type StartedEndpoint, startEndpoint } from './start-endpoint.ts';

let broker: StartedEndpoint;

beforeEach(async () => {
  broker = await startEndpoint();
});

describe('the endpoint', () => {
  test.each(['/websc', '/websc/', '/websc?x=1'])('greets at %s', async (path) => {
    expect(await ask(broker.url + path)).toMatchObject({
      status: 200,
      text: 'Welcome to SockJS!\n',
    });
  });

  test('describes itself at /info, never the same twice', async () => {
    const [one, two] = [
      await ask(`${broker.url}/websc/info`),
      await ask(`${broker.url}/websc/info?t=1`),
    ];

    const info = JSON.parse(one.text);
    expect(info).toEqual({
      cookie_needed: false,
      entropy: expect.any(Number),
      origins: ['*:*'],
      websocket: true,
    });
    expect(one.headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(one.headers['cache-control']).toMatch(/no-store/);
    expect(JSON.parse(two.text).entropy).not.toBe(info.entropy);
  });

  test.each([
    ['GET', '/websc/000/abc/jsonp?c=x'],
    ['POST', '/websc/000/abc/jsonp_send'],
    ['GET', '/websc/000/abc/htmlfile?c=x'],
    ['GET', '/websc/iframe.html'],
    ['GET', '/websc/iframe-1.6.1.html'],
    ['POST', '/websc/chunking_test'],
    ['GET', '/websc//'],
    ['GET', '/websc///'],
    ['GET', '/websc/info//'],
    ['GET', '/websc/nothing'],
    ['GET', '/websc/000'],
    ['GET', '/websc/000/abc'],
    ['POST', '/websc/000/abc/xhr/more'],
    ['POST', '/websc/000//xhr'],
    ['POST', '/websc//abc/xhr'],
    ['POST', '/websc/00.0/abc/xhr'],
    ['POST', '/websc/000/a.bc/xhr'],
    ['POST', '/websc/000/abc/xhr_'],
    ['POST', '/websc/000/abc/toString'],
    ['POST', '/websc/000/a\\b/xhr'],
    ['GET', '/websc/iframe_html#/x/xhr'],
    ['POST', '/websc/chunking_test#/x/xhr'],
    ['POST', '/websc/s/c\\xhr_send#/xhr'],
    ['GET', '/websc/s/a\\htmlfile#/xhr'],
    ['GET', '/websc/info#/x'],
    ['POST', '/websc/000/x"y/xhr'],
  ])('answers 404 to %s %s', async (method, path) => {
    const { status } = await ask(broker.url, { method, path });

    expect(status).toBe(404);
    expect(broker.connections.total).toBe(0);
  });

  test.each(['/', '/webscx', '/web', '/other/000/abc/xhr', '//websc/info'])(
    'leaves %s to others',
    async (path) => {
      expect((await ask(broker.url, { path })).status).toBe(418);
    },
  );

  test.each([
    ['/websc/websocket', 426],
    ['/websc/000/abc/websocket', 400],
  ])('wants an upgrade at %s', async (path, status) => {
    expect((await ask(broker.url + path)).status).toBe(status);
  });

  test.each(['/websc/websocket', '/websc/000/abc/websocket'])(
    'answers 405 to a POST on %s, with an upgrade or without',
    async (path) => {
      const asked = await ask(broker.url + path, { method: 'POST' });
      const head = await upgrade(broker.port, path, {}, 'POST');

      expect(asked).toMatchObject({ headers: { allow: 'GET' }, status: 405, text: '' });
      expect(asked.headers['content-type']).toBeUndefined();
      expect(head).toMatch(/^HTTP\/1.1 405 Method Not Allowed\r\nAllow: GET\r\n/);
      expect(broker.connections.total).toBe(0);
    },
  );

  test.each([
    ['GET', 'xhr'],
    ['GET', 'xhr_streaming'],
    ['POST', 'eventsource'],
    ['OPTIONS', 'eventsource'],
  ])('answers 405 to %s on %s', async (method, transport) => {
    const { status } = await ask(`${broker.url}/websc/000/abc/${transport}`, { method });

    expect(status).toBe(405);
    expect(broker.recorders).toHaveLength(0);
    expect(broker.connections.total).toBe(0);
  });

  test.each(['xhr', 'xhr_streaming', 'xhr_send'])(
    'answers a preflight of %s',
    async (transport) => {
      const { headers, status } = await ask(`${broker.url}/websc/000/abc/${transport}`, {
        method: 'OPTIONS',
        headers: { Origin: broker.url, 'Access-Control-Request-Headers': 'content-type' },
      });

      expect(status).toBe(204);
      expect(headers).toMatchObject({
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'content-type',
        'access-control-allow-methods': 'OPTIONS, POST',
        'access-control-allow-origin': broker.url,
      });
    },
  );

  test('opens a session below any names without a dot', async () => {
    const session = `${broker.url}/websc/a-b_c%20/${encodeURIComponent('세션')}`;

    const { text } = await ask(`${session}/xhr?t=1`, { method: 'POST' });

    expect(text).toBe('o\n');
    expect((await xhrSend(session, 'x')).status).toBe(204);
    expect(broker.recorders[0]?.text).toBe('x');
  });

  test('tells a second request that the first is still open', async () => {
    const session = `${broker.url}/websc/000/abc`;
    const first = await open(`${session}/xhr_streaming`, { method: 'POST' });

    const { text } = await ask(`${session}/xhr`, { method: 'POST' });

    expect(text).toBe('c[2010,"Another connection still open"]\n');
    expect(broker.connections.total).toBe(1);
    first.destroy();
  });

  test('keeps its sessions from another one in the same process', async () => {
    const other = await startEndpoint();
    for (const { url } of [broker, other]) {
      const { text } = await ask(`${url}/websc/000/same/xhr`, { method: 'POST' });
      expect(text).toBe('o\n');
    }

    await xhrSend(`${broker.url}/websc/000/same`, 'for the first');
    other.recorders[0]?.write('from the second');
    const { text } = await ask(`${other.url}/websc/000/same/xhr`, { method: 'POST' });

    expect(text).toBe('a["from the second"]\n');
    expect([broker, other].map(({ recorders }) => recorders[0]?.text)).toEqual([
      'for the first',
      '',
    ]);
  });

  test.each(['/websc/info', '/websc/nothing', '/websc/000/abc/xhr'])(
    'answers 404 to an upgrade at %s',
    async (path) => {
      expect(await upgrade(broker.port, path)).toMatch(/^HTTP\/1.1 404 Not Found\r\n/);
    },
  );
});
