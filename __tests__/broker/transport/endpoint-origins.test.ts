import { describe, expect, test } from '@jest/globals';
import { memoryLog } from '../../support/memory-log.ts';
import { startServer } from '../../support/start-server.ts';
import { ask, open, upgrade } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';

const FOREIGN = 'https://foreign.example';
const HTTP_PATHS: [method: string, path: string][] = [
  ['GET', '/websc'],
  ['GET', '/websc/info'],
  ['OPTIONS', '/websc/info'],
  ['POST', '/websc/000/abc/xhr'],
  ['OPTIONS', '/websc/000/abc/xhr'],
  ['POST', '/websc/000/abc/xhr_streaming'],
  ['OPTIONS', '/websc/000/abc/xhr_streaming'],
  ['POST', '/websc/000/abc/xhr_send'],
  ['OPTIONS', '/websc/000/abc/xhr_send'],
  ['GET', '/websc/000/abc/eventsource'],
  ['GET', '/websc/000/abc/jsonp'],
  ['GET', '/websc/nothing'],
];
const WEBSOCKET_PATHS = ['/websc/websocket', '/websc/000/abc/websocket'];

describe('a page of a foreign origin', () => {
  test.each(HTTP_PATHS)('is refused %s %s', async (method, path) => {
    const broker = await startEndpoint();

    const answer = await ask(broker.url + path, { method, headers: { Origin: FOREIGN } });

    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(broker.connections.total).toBe(0);
  });

  test.each(WEBSOCKET_PATHS)('is refused an upgrade at %s', async (path) => {
    const broker = await startEndpoint();

    const head = await upgrade(broker.port, path, { Origin: FOREIGN });

    expect(head).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
    expect(broker.recorders).toHaveLength(0);
  });

  test('cannot send into a session that it knows', async () => {
    const broker = await startEndpoint();
    const session = `${broker.url}/websc/000/abc`;
    await ask(`${session}/xhr`, { method: 'POST' });

    const headers = { Origin: FOREIGN, 'Content-Type': 'text/plain' };
    const { status } = await ask(`${session}/xhr_send`, { method: 'POST', body: '["x"]', headers });

    expect(status).toBe(403);
    expect(broker.recorders[0]?.chunks).toEqual([]);
  });

  test('is logged once a minute, with the setting that lets it in', async () => {
    const log = memoryLog();
    const { port, server, url } = await startServer({}, { log });

    await ask(`${url}/websc/info`, { headers: { Origin: FOREIGN } });
    await upgrade(port, '/websc/websocket', { Origin: FOREIGN });

    const lines = log.lines.filter(({ level }) => level === 'warn');
    const text = `origin refused; --allow-origin ${FOREIGN} lets it in`;
    const fields = { origin: FOREIGN, peer: '127.0.0.1' };
    expect(lines).toEqual([{ level: 'warn', fields, text }]);
    await server.stop();
    expect(log.lines.at(-1)).toEqual({ level: 'warn', fields: { ...fields, count: 1 }, text });
  });
});

describe('a page of an origin that is allowed', () => {
  test.each(WEBSOCKET_PATHS)('is let in at %s', async (path) => {
    const broker = await startEndpoint({ allowOrigin: [FOREIGN] });

    const head = await upgrade(broker.port, path, { Origin: FOREIGN });

    expect(head).toMatch(/^HTTP\/1.1 101 /);
    expect(broker.recorders[0]?.transport.isBrowser).toBe(true);
  });

  test('may read what SockJS answers over HTTP', async () => {
    const broker = await startEndpoint({ allowOrigin: [FOREIGN] });
    const headers = { Origin: FOREIGN };

    const info = await ask(`${broker.url}/websc/info`, { headers });
    const polled = await ask(`${broker.url}/websc/000/abc/xhr`, { headers, method: 'POST' });

    for (const { headers, status } of [info, polled]) {
      expect(status).toBe(200);
      expect(headers['access-control-allow-origin']).toBe(FOREIGN);
      expect(headers['access-control-allow-credentials']).toBe('true');
    }
    expect(broker.recorders[0]?.transport.isBrowser).toBe(true);
  });
});

describe('a page of the same host', () => {
  test.each(HTTP_PATHS.filter(([, path]) => !/jsonp|nothing/.test(path)))(
    'is let in with %s %s',
    async (method, path) => {
      const broker = await startEndpoint();

      const response = await open(broker.url + path, { method, headers: { Origin: broker.url } });

      expect(response.statusCode).not.toBe(403);
      response.destroy();
    },
  );

  test('is known as a browser by its EventSource, which sends no Origin', async () => {
    const broker = await startEndpoint();
    const headers = { 'Sec-Fetch-Site': 'same-origin' };

    const response = await open(`${broker.url}/websc/000/abc/eventsource`, { headers });

    expect(broker.recorders[0]?.transport.isBrowser).toBe(true);
    response.destroy();
  });
});
