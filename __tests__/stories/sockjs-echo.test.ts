// What the public tests of SockJS (SockJS protocol 0.3.3) ask of a service that gives every
// message back, on each transport; sockjs-services.test.ts has what concerns no transport.

import { describe, expect, test } from '@jest/globals';
import { ask, open, upgrade, xhrSend } from '../broker/transport/raw-http.ts';
import { until } from '../broker/transport/until.ts';
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
const STILL_OPEN = 'c[2010,"Another connection still open"]\n';
const PRELUDE = `${'h'.repeat(2_048)}\n`;

useServices();

describe('xhr', () => {
  test('opens with o, and gives back what was sent, to the page that asked', async () => {
    const session = sessionOf('/echo');
    const headers = { Origin: 'test' };

    const opened = await poll(session, { headers });
    const sent = await ask(`${session}/xhr_send`, { method: 'POST', body: '["x"]', headers });
    const polled = await poll(session);

    expect([opened.text, sent.text, polled.text]).toEqual(['o\n', '', 'a["x"]\n']);
    expect(sent.status).toBe(204);
    expect(opened.headers['content-type']).toBe('application/javascript; charset=UTF-8');
    expect(sent.headers['content-type']).toBe('text/plain; charset=UTF-8');
    for (const answer of [opened, sent]) {
      expect(answer.headers).toMatchObject({
        'access-control-allow-credentials': 'true',
        'access-control-allow-origin': 'test',
        'cache-control': NOT_CACHED,
      });
    }
    expect(polled.headers['access-control-allow-origin']).toBe('*');
  });

  test('keeps messages apart that came in one request, and in several', async () => {
    const session = sessionOf('/echo');
    await poll(session);

    await xhrSend(session, 'a', 'b');
    await xhrSend(session);
    await xhrSend(session, 'c');

    expect((await poll(session)).text).toBe('a["a","b","c"]\n');
  });

  test('knows a session by its own name alone', async () => {
    const session = sessionOf('/echo');
    await poll(session);

    await xhrSend(session.replace('/000/', '/111/'), 'a');

    expect((await poll(session.replace('/000/', '/999/'))).text).toBe('a["a"]\n');
  });

  test.each(['/_/_', '/1/1', '/abcdefgh_i-j%20/abcdefg_i-j%20'])('opens at %s', async (names) => {
    expect((await poll(urlOf(`/echo${names}`))).text).toBe('o\n');
  });

  test.each(['text/plain', 'T', 'application/json; charset=utf-8', 'text/xml', ''])(
    'takes messages that call themselves %j',
    async (type) => {
      const session = sessionOf('/echo');
      await poll(session);

      const sent = await ask(`${session}/xhr_send`, {
        method: 'POST',
        body: '["a"]',
        headers: { 'Content-Type': type },
      });

      expect(sent.status).toBe(204);
      expect((await poll(session)).text).toBe('a["a"]\n');
    },
  );

  test.each([
    ['["x', 'Broken JSON encoding.'],
    ['', 'Payload expected.'],
  ])('answers 500 to %j, and takes what is sent next', async (body, reason) => {
    const session = sessionOf('/echo');
    await poll(session);

    const broken = await ask(`${session}/xhr_send`, { method: 'POST', body });
    await xhrSend(session, 'a');

    expect(broken).toMatchObject({ status: 500, text: reason });
    expect((await poll(session)).text).toBe('a["a"]\n');
  });

  test('answers 404 to what is sent to no session', async () => {
    expect((await xhrSend(sessionOf('/echo'), 'x')).status).toBe(404);
  });

  test('escapes what browsers would change on the way', async () => {
    const session = sessionOf('/echo');
    await poll(session);

    await xhrSend(session, '\0\u200c\u2028\u206f\uffff');

    expect((await poll(session)).text).toBe('a["\\u0000\\u200c\\u2028\\u206f\\uffff"]\n');
  });
});

describe('xhr_streaming', () => {
  test('begins with 2 KiB, and goes on until 4 KiB were sent', async () => {
    const session = sessionOf('/echo');
    const stream = await open(`${session}/xhr_streaming`, { method: 'POST' });
    const message = 'x'.repeat(128);

    expect(await readUntil(stream, 'o\n')).toBe(`${PRELUDE}o\n`);
    for (let sent = 0; sent < 30; sent += 1) {
      await xhrSend(session, message);
      expect(await readUntil(stream, '\n')).toBe(`a["${message}"]\n`);
    }
    await xhrSend(session, message);

    expect(await readToEnd(stream)).toBe(`a["${message}"]\n`);
    expect(stream.headers).toMatchObject({
      'cache-control': NOT_CACHED,
      'content-type': 'application/javascript; charset=UTF-8',
      'transfer-encoding': 'chunked',
    });
  });

  test('says to a second one that the first is open, and forgets both when that goes', async () => {
    const at = `${sessionOf('/echo')}/xhr_streaming`;
    const first = await open(at, { method: 'POST' });
    await readUntil(first, 'o\n');

    const second = await readToEnd(await open(at, { method: 'POST' }));
    first.destroy();
    let third = STILL_OPEN;
    while (third === STILL_OPEN) third = (await poll(at.replace('/xhr_streaming', ''))).text;

    expect(second).toBe(PRELUDE + STILL_OPEN);
    expect(third).toBe('o\n');
  });
});

describe('eventsource', () => {
  test('sends events, and ends when 4 KiB were sent', async () => {
    const session = sessionOf('/echo');
    const stream = await open(`${session}/eventsource`);
    const message = 'x'.repeat(4_096);

    expect(await readUntil(stream, 'o\r\n\r\n')).toBe('\r\ndata: o\r\n\r\n');
    await xhrSend(session, '  \0\n\r ');
    expect(await readUntil(stream, '\r\n\r\n')).toBe('data: a["  \\u0000\\n\\r "]\r\n\r\n');
    await xhrSend(session, message);

    expect(await readToEnd(stream)).toBe(`data: a["${message}"]\r\n\r\n`);
    expect(stream.headers).toMatchObject({
      'cache-control': NOT_CACHED,
      'content-type': 'text/event-stream',
    });
  });
});

describe('websocket', () => {
  test('gives each message back, and takes nothing for a message that is none', async () => {
    const { heard, webSocket } = await talk(`${sessionOf('/echo')}/websocket`);

    for (const payload of ['', '[]', '["a","b"]', '"c"']) webSocket.send(payload);
    await until(() => heard.length === 4);

    expect(heard).toEqual(['o', 'a["a"]', 'a["b"]', 'a["c"]']);
    webSocket.terminate();
  });

  test('is a session of its own, whatever its name', async () => {
    const at = `${sessionOf('/echo')}/websocket`;
    const [one, two] = [await talk(at), await talk(at)];

    one.webSocket.send('["a"]');
    two.webSocket.send('["b"]');
    await until(() => one.heard.length === 2 && two.heard.length === 2);

    expect([one.heard, two.heard]).toEqual([
      ['o', 'a["a"]'],
      ['o', 'a["b"]'],
    ]);
    for (const { webSocket } of [one, two]) webSocket.terminate();
  });

  test('ends at broken JSON without a word', async () => {
    const { ended, heard, webSocket } = await talk(`${sessionOf('/echo')}/websocket`);

    webSocket.send('["a');

    expect(await ended).toEqual({ code: 3000, reason: 'Broken framing.' });
    expect(heard).toEqual(['o']);
  });

  test('is not for plain requests, nor for a POST', async () => {
    const at = `${sessionOf('/echo')}/websocket`;
    const { port, pathname } = new URL(at);

    const posted = await ask(at, { method: 'POST' });

    expect((await ask(at)).status).toBe(400);
    expect(posted).toMatchObject({ headers: { allow: 'GET' }, status: 405, text: '' });
    expect(await upgrade(Number(port), pathname, {}, 'POST')).toMatch(/^HTTP\/1.1 405 /);
  });

  test('without SockJS carries messages as they are', async () => {
    const { heard, webSocket } = await talk(urlOf('/echo/websocket'));

    webSocket.send('Hello world!\uffff');
    await until(() => heard.length === 1);

    expect(heard).toEqual(['Hello world!\uffff']);
    webSocket.terminate();
  });
});

// PROTOCOL.md, "SockJS": off on purpose.
test.each(['/0/0/jsonp?c=x', '/0/0/htmlfile?c=x', '/iframe.html'])('%s is off', async (path) => {
  expect((await ask(urlOf(`/echo${path}`))).status).toBe(404);
});
