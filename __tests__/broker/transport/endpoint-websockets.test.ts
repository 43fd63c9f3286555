import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ask, open, upgrade } from './raw-http.ts';
import { type StartedEndpoint, startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

const PLAIN = '/websc/websocket';
const SOCKJS = '/websc/000/abc/websocket';

interface Client {
  readonly messages: string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly webSocket: WebSocket;
}

async function connect(
  { port, url }: StartedEndpoint,
  path: string,
  isBrowser = false,
): Promise<Client> {
  const webSocket = new WebSocket(
    `ws://127.0.0.1:${port}${path}`,
    isBrowser ? { origin: url } : {},
  );
  const messages: string[] = [];
  webSocket.on('message', (data: Buffer) => messages.push(data.toString()));
  const closed = once(webSocket, 'close').then(([code, reason]) => ({ code, reason: `${reason}` }));
  await once(webSocket, 'open');
  return { messages, closed, webSocket };
}

describe('a subprotocol', () => {
  test.each([
    ['v12.stomp', 'v12.stomp'],
    ['v10.stomp, v11.stomp, v12.stomp', 'v12.stomp'],
    ['v10.stomp, v11.stomp', 'v11.stomp'],
    ['v10.stomp', 'v10.stomp'],
    ['mqtt, v11.stomp', 'v11.stomp'],
  ])('of %s is answered with %s', async (offered, chosen) => {
    const { port } = await startEndpoint();

    const head = await upgrade(port, PLAIN, { 'Sec-WebSocket-Protocol': offered });

    expect(head).toContain(`Sec-WebSocket-Protocol: ${chosen}`);
  });

  test.each([{}, { 'Sec-WebSocket-Protocol': 'mqtt' }])(
    'is not answered to %j',
    async (headers) => {
      const { port } = await startEndpoint();

      const head = await upgrade(port, PLAIN, headers);

      expect(head).toMatch(/^HTTP\/1.1 101 /);
      expect(head).not.toContain('Sec-WebSocket-Protocol');
      expect(head).not.toContain('Sec-WebSocket-Extensions');
    },
  );
});

describe('a WebSocket', () => {
  test('of SockJS opens with o', async () => {
    const { messages, webSocket } = await connect(await startEndpoint(), SOCKJS);

    await until(() => messages.length > 0);

    expect(messages).toEqual(['o']);
    webSocket.terminate();
  });

  test.each([
    [PLAIN, 'x'],
    [SOCKJS, '["x"]'],
  ])('at %s with a message over the limit is closed with 1009', async (path, text) => {
    const broker = await startEndpoint();
    const { closed, webSocket } = await connect(broker, path);

    webSocket.send(text.replace('x', 'x'.repeat(1_001)));

    expect((await closed).code).toBe(1009);
    await until(() => broker.connections.total === 0);
    expect(broker.recorders[0]).toMatchObject({ chunks: [], closes: 1 });
  });

  test.each(['["x', '[1]', 'null', '{}'])(
    'of SockJS that sends %s is closed with 3000, and told nothing before',
    async (sent) => {
      const broker = await startEndpoint();
      const { closed, messages, webSocket } = await connect(broker, SOCKJS);

      webSocket.send(sent);

      expect(await closed).toEqual({ code: 3000, reason: 'Broken framing.' });
      expect(messages).toEqual(['o']);
      await until(() => broker.recorders[0]?.closes === 1);
    },
  );

  test('of SockJS that sends more after something broken is not heard any more', async () => {
    const broker = await startEndpoint();
    const { closed, webSocket } = await connect(broker, SOCKJS);

    webSocket.send('{bad');
    webSocket.send('["after"]');
    await closed;

    expect(broker.recorders[0]?.chunks).toEqual([]);
  });

  test('knows that half a message came, and that a pong is none', async () => {
    const broker = await startEndpoint();
    const { webSocket } = await connect(broker, PLAIN);
    const transport = broker.recorders[0]?.transport;
    expect(transport?.isMidMessage).toBe(false);

    webSocket.send('begun', { fin: false });
    await until(() => transport?.isMidMessage === true);
    webSocket.send('ended', { fin: true });
    await until(() => transport?.isMidMessage === false);
    const bytesIn = transport?.bytesIn ?? 0;
    webSocket.pong();
    await until(() => (transport?.bytesIn ?? 0) > bytesIn);

    await until(() => transport?.isMidMessage === false);
  });

  test('that breaks the WebSocket protocol is closed with 1002, and nothing else', async () => {
    const broker = await startEndpoint();
    const { closed, webSocket } = await connect(broker, PLAIN);

    // RFC 6455, 5.1: a client must mask what it sends.
    webSocket.send('x', { mask: false });

    expect((await closed).code).toBe(1002);
    await until(() => broker.recorders[0]?.closes === 1);
  });

  test('is closed with a code and a reason after what was said before', async () => {
    const broker = await startEndpoint();
    const { closed, messages } = await connect(broker, PLAIN);

    broker.recorders[0]?.write('last words');
    broker.recorders[0]?.transport.close(4000, 'SLOW_CONSUMER');
    broker.recorders[0]?.write('too late');

    expect(await closed).toEqual({ code: 4000, reason: 'SLOW_CONSUMER' });
    expect(messages).toEqual(['last words']);
    await until(() => broker.recorders[0]?.closes === 1);
  });

  test.each([PLAIN, SOCKJS])('at %s that never answers a close is cut off', async (path) => {
    const broker = await startEndpoint();
    const { webSocket } = await connect(broker, path);
    webSocket.pause();

    broker.recorders[0]?.transport.close(1012, 'DRAINING');
    broker.clock.advance(1_999);
    expect(broker.connections.total).toBe(1);
    broker.clock.advance(1);

    await until(() => broker.connections.total === 0);
    expect(broker.recorders[0]?.closes).toBe(1);
    webSocket.terminate();
  });

  test('that is left when the endpoint stops is cut off', async () => {
    const broker = await startEndpoint();
    const { closed } = await connect(broker, PLAIN);

    broker.endpoint.stop();

    expect((await closed).code).toBe(1006);
    await until(() => broker.connections.total === 0);
    expect(broker.clock.taskCount).toBe(0);
  });
});

describe('probes', () => {
  test('ask a browser for a sign of life, and pass its pong on', async () => {
    const broker = await startEndpoint();
    const { webSocket } = await connect(broker, PLAIN, true);
    const pinged = once(webSocket, 'ping');

    broker.clock.advance(25_000);
    await pinged;

    await until(() => broker.recorders[0]?.signsOfLife === 1);
    expect(broker.recorders[0]?.transport.isProbing).toBe(true);
    webSocket.terminate();
  });

  test('leave a plain client that is no browser alone', async () => {
    const broker = await startEndpoint();
    const { messages, webSocket } = await connect(broker, PLAIN);
    let pings = 0;
    webSocket.on('ping', () => {
      pings += 1;
    });

    broker.clock.advance(25_000);
    broker.recorders[0]?.write('after');
    await until(() => messages.length > 0);

    expect([messages, pings]).toEqual([['after'], 0]);
    expect(broker.recorders[0]?.transport.isProbing).toBe(false);
    webSocket.terminate();
  });

  test('tell a SockJS client that the server is there', async () => {
    const broker = await startEndpoint();
    const { messages, webSocket } = await connect(broker, SOCKJS);

    broker.clock.advance(50_000);
    await until(() => messages.length === 3);

    expect(messages).toEqual(['o', 'h', 'h']);
    webSocket.terminate();
  });

  test('of SockJS are no packets, for a STOMP client does not see them', async () => {
    const broker = await startEndpoint();
    const { webSocket } = await connect(broker, SOCKJS);
    const [recorder] = broker.recorders;

    broker.clock.advance(25_000);
    expect(recorder?.transport.packetsOut).toBe(0);
    recorder?.write('one');

    expect(recorder?.transport.packetsOut).toBe(1);
    webSocket.terminate();
  });

  test('tell a SockJS client over HTTP likewise', async () => {
    const broker = await startEndpoint({ probeMs: 1 });

    const response = await open(`${broker.url}/websc/000/abc/xhr_streaming`, { method: 'POST' });
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      if (text.endsWith('o\nh\n')) break;
    }

    expect(text).toBe(`${'h'.repeat(2_048)}\no\nh\n`);
  });
});

describe('the limits of connections', () => {
  const session = (name: string) => `/websc/000/${name}/xhr`;

  test.each([{ connectionsMax: 1 }, { connectionsPerAddressMax: 1 }])(
    'of %j make every transport answer 503 to the next',
    async (limits) => {
      const broker = await startEndpoint(limits);
      const { webSocket } = await connect(broker, PLAIN);

      const heads = [await upgrade(broker.port, PLAIN), await upgrade(broker.port, SOCKJS)];
      const polled = await ask(broker.url + session('a'), { method: 'POST' });

      for (const head of heads) expect(head).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/);
      expect(polled.status).toBe(503);
      webSocket.terminate();
    },
  );

  test('count a polling session once, and let it go on', async () => {
    const broker = await startEndpoint({ connectionsMax: 1 });
    await ask(broker.url + session('a'), { method: 'POST' });

    broker.recorders[0]?.write('still here');
    const polled = await ask(broker.url + session('a'), { method: 'POST' });

    expect(polled.text).toBe('a["still here"]\n');
    expect(broker.connections.total).toBe(1);
    expect((await ask(broker.url + session('b'), { method: 'POST' })).status).toBe(503);
  });

  test('have room again when a client has gone', async () => {
    const broker = await startEndpoint({ connectionsMax: 1 });
    const { webSocket } = await connect(broker, PLAIN);

    webSocket.close();
    await until(() => broker.connections.total === 0);

    expect(await upgrade(broker.port, PLAIN)).toMatch(/^HTTP\/1.1 101 /);
  });

  test('do not count an upgrade that does not come about', async () => {
    const broker = await startEndpoint();

    const head = await upgrade(broker.port, PLAIN, { 'Sec-WebSocket-Key': 'short' });

    expect(head).toMatch(/^HTTP\/1.1 400 /);
    await until(() => broker.connections.total === 0);
  });
});

describe('an upgrade at the endpoint itself', () => {
  test.each(['/websc', '/websc/', '/websc?room=7'])('at %s is a plain WebSocket', async (path) => {
    const endpoint = await startEndpoint();
    const { webSocket } = await connect(endpoint, path);

    webSocket.send('SEND');
    await until(() => endpoint.recorders[0]?.text === 'SEND');

    expect(endpoint.recorders).toHaveLength(1);
    webSocket.close();
  });

  test('leaves the greeting to plain requests', async () => {
    const { url } = await startEndpoint();

    expect((await ask(`${url}/websc`)).text).toBe('Welcome to SockJS!\n');
  });
});

describe('an upgrade that is not of RFC 6455', () => {
  test('in another version is told which version is spoken', async () => {
    const { port } = await startEndpoint();

    const head = await upgrade(port, PLAIN, { 'Sec-WebSocket-Version': '8' });

    expect(head).toMatch(/^HTTP\/1.1 426 /);
    expect(head).toContain('Sec-WebSocket-Version: 13');
  });

  test('by HTTP/1.0 is refused', async () => {
    const { port } = await startEndpoint();

    expect(await upgrade(port, PLAIN, {}, 'GET', '1.0')).toMatch(/^HTTP\/1.1 400 /);
  });
});
