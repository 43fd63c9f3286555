import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBroker } from '../../../broker/broker.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { startServer } from '../../support/start-server.ts';
import { ask, upgrade } from '../transport/raw-http.ts';

const FOREIGN = { Host: 'rebound.example' };
const foreign: { broker: ReturnType<typeof createBroker>; http: HttpServer }[] = [];

afterEach(async () => {
  for (const { broker, http } of foreign.splice(0)) {
    await broker.stop();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
});

describe('a request by a foreign host name, to a server on a loopback address,', () => {
  test.each(['/api/rooms', '/api/nothing', '/websc/info', '/websc/1/abc/xhr'])(
    'is refused at %s with a code',
    async (path) => {
      const { url } = await startServer();

      const { headers, status, text } = await ask(url + path, { headers: FOREIGN });

      expect(status).toBe(421);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(JSON.parse(text)).toEqual({ code: 'HOST_REFUSED', text: expect.any(String) });
    },
  );

  test('is refused with a page where a browser asks for one, and that page runs nothing', async () => {
    const { url } = await startServer();
    const headers = { ...FOREIGN, Accept: 'text/html,application/xhtml+xml,*/*' };

    const page = await ask(`${url}/rooms/7`, { headers });

    expect(page.status).toBe(421);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toBe("default-src 'none'");
    expect(page.text).toContain('--allow-host');
    expect(page.text).not.toContain('rebound');
    expect((await ask(`${url}/api/rooms`, { headers })).headers['content-type']).toMatch(/json/);
  });

  test.each(['/websc/websocket', '/websc/1/abc/websocket'])(
    'cannot upgrade at %s, even where its origin is the same',
    async (path) => {
      const { port, server } = await startServer();

      const head = await upgrade(port, path, { ...FOREIGN, Origin: 'http://rebound.example' });

      expect(head).toMatch(/^HTTP\/1.1 421 Misdirected Request\r\n/);
      expect(server.sessionCount).toBe(0);
    },
  );

  test.each(['/healthz', '/readyz', '/livez'])('is answered at %s', async (path) => {
    const { url } = await startServer();

    expect((await ask(url + path, { headers: FOREIGN })).status).toBe(200);
  });

  test('is let in once the setting lists its name, and told of in the log before', async () => {
    const log = memoryLog();
    const closed = await startServer({}, { log });
    const open = await startServer({ allowHost: ['rebound.example'] });

    await ask(`${closed.url}/api/rooms`, { headers: FOREIGN });

    const text = 'host refused; --allow-host rebound.example lets it in';
    expect(log.lines.filter((line) => line.text === text)).toHaveLength(1);
    expect((await ask(`${open.url}/api/rooms`, { headers: FOREIGN })).status).toBe(200);
    expect(await upgrade(open.port, '/websc/websocket', FOREIGN)).toMatch(/^HTTP\/1.1 101 /);
  });
});

describe('on a server that the broker was mounted on', () => {
  async function mounted(allowHost: string[]): Promise<string> {
    const http = createServer((_request, response) => response.end('its own'));
    const broker = createBroker({ allowHost, engine: 'memory', stopMs: 100 });
    foreign.push({ broker, http });
    broker.attach(http);
    await broker.start();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  test('every name is fine, because where it listens is not for the broker to say', async () => {
    const url = await mounted([]);

    expect((await ask(`${url}/websc/info`, { headers: FOREIGN })).status).toBe(200);
  });

  test('a list restricts the endpoint, and nothing else', async () => {
    const url = await mounted(['chat.example']);

    expect((await ask(`${url}/websc/info`, { headers: FOREIGN })).status).toBe(421);
    expect((await ask(`${url}/else`, { headers: FOREIGN })).text).toBe('its own');
    const named = { Host: 'chat.example' };
    expect((await ask(`${url}/websc/info`, { headers: named })).status).toBe(200);
  });
});
