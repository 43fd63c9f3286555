import { describe, expect, test } from '@jest/globals';
import { ask, open, upgrade, xhrSend } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';

const SESSION = '/websc/000/abc';

describe('an endpoint without WebSockets', () => {
  test.each(['/websc/websocket', `${SESSION}/websocket`])(
    'has nothing at %s, with an upgrade or without',
    async (path) => {
      const { port, url } = await startEndpoint({ takesWebSockets: false });

      expect(await upgrade(port, path)).toMatch(/^HTTP\/1.1 404 Not Found\r\n/);
      expect((await ask(url + path)).status).toBe(404);
    },
  );

  test('says so, and polls all the same', async () => {
    const { url } = await startEndpoint({ takesWebSockets: false });

    const info = JSON.parse((await ask(`${url}/websc/info`)).text);

    expect(info).toMatchObject({ cookie_needed: false, websocket: false });
    expect((await ask(`${url}${SESSION}/xhr`, { method: 'POST' })).text).toBe('o\n');
  });
});

describe('an endpoint that needs cookies', () => {
  test.each([
    [undefined, 'dummy'],
    ['JSESSIONID=', 'dummy'],
    ['other=1', 'dummy'],
    ['XJSESSIONID=1', 'dummy'],
    ['JSESSIONID=abc!node.1', 'abc!node.1'],
    ['one=1; JSESSIONID=a=b; two=2', 'a=b'],
  ])('answers the cookie %s with %s', async (cookie, value) => {
    const { url } = await startEndpoint({ needsCookie: true });

    const { headers } = await ask(`${url}${SESSION}/xhr`, {
      method: 'POST',
      headers: cookie === undefined ? {} : { Cookie: cookie },
    });

    expect(headers['set-cookie']).toEqual([`JSESSIONID=${value}; path=/`]);
  });

  test('sets it where a client sends as well, and not before there is a session', async () => {
    const { url } = await startEndpoint({ needsCookie: true });
    await ask(`${url}${SESSION}/xhr`, { method: 'POST' });

    const sent = await xhrSend(url + SESSION, 'x');
    const info = await ask(`${url}/websc/info`);

    expect([sent.status, sent.headers['set-cookie']]).toEqual([204, ['JSESSIONID=dummy; path=/']]);
    expect(JSON.parse(info.text).cookie_needed).toBe(true);
    expect(info.headers['set-cookie']).toBeUndefined();
  });

  test('is not what an endpoint is by itself', async () => {
    const { url } = await startEndpoint();

    const opened = await ask(`${url}${SESSION}/xhr`, { method: 'POST' });
    const sent = await xhrSend(url + SESSION, 'x');

    expect([opened.headers['set-cookie'], sent.headers['set-cookie']]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

test('a stream ends after the characters that it may have, and the next goes on', async () => {
  const { recorders, url } = await startEndpoint({ streamCharactersMax: 20 });
  const stream = await open(`${url}${SESSION}/xhr_streaming`, { method: 'POST' });

  recorders[0]?.write('123456789');
  recorders[0]?.write('over');
  recorders[0]?.write('next');
  let text = '';
  for await (const chunk of stream) text += String(chunk);

  expect(text.slice(2_049)).toBe('o\na["123456789"]\na["over"]\n');
  const polled = await ask(`${url}${SESSION}/xhr`, { method: 'POST' });
  expect(polled.text).toBe('a["next"]\n');
});
