import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { TcpTransport } from '../../../broker/transport/tcp-transport.ts';
import type { Transport } from '../../../broker/transport/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { frameText } from '../../support/frame-text.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { socketPair } from '../../support/socket-pair.ts';
import { startServer } from '../../support/start-server.ts';
import { Pipe, PLAIN, TCP } from './pipe.ts';
import { ask, open, xhrSend } from './raw-http.ts';
import { Recorder, startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

const TOPIC = '/topic/flood';
const LOGIN = frameText('CONNECT', { 'accept-version': '1.2', host: 'test' });
const SUBSCRIBE = frameText('SUBSCRIBE', { destination: TOPIC, id: '1', receipt: 'subscribed' });

interface Frozen {
  /** Reads again, and returns everything once nothing more arrives. */
  thaw(): Promise<string>;
}

/** Clients that subscribe, and read nothing from then on. */
const FREEZING: [name: string, freeze: (url: string) => Promise<Frozen>][] = [
  ['a plain WebSocket', (url) => frozenWebSocket(url, '/websc/websocket', (text) => text)],
  ['the WebSocket of SockJS', (url) => frozenWebSocket(url, '/websc/1/b/websocket', jsonOf)],
  ['xhr_streaming', (url) => frozenResponse(url, 'POST', 'xhr_streaming')],
  ['eventsource', (url) => frozenResponse(url, 'GET', 'eventsource')],
  ['xhr, polling', frozenPolling],
];

describe.each(FREEZING)('a client that never reads, on %s,', (_name, freeze) => {
  test('is shed, while another one hears everything', async () => {
    const log = memoryLog();
    const { server, url } = await startServer(
      { lingerMs: 60_000, unsentBytesMax: 65_536 },
      { log },
    );
    const frozen = await freeze(url);
    const reader = await SocketClient.connect(url);
    await reader.subscribe(TOPIC, 'all');

    let sent = 0;
    for (; server.sessionCount === 2; sent += 1) {
      reader.frame('SEND', { destination: TOPIC, receipt: `${sent}` }, 'x'.repeat(65_536));
      await reader.expectReceipt(`${sent}`);
    }
    const shed = log.lines.filter(({ text }) => text.startsWith('slow consumer'));
    reader.frame('SEND', { destination: TOPIC, receipt: 'last' }, 'still served');
    await reader.expectReceipt('last');

    expect(shed).toHaveLength(1);
    expect(reader.frames.filter(({ command }) => command === 'MESSAGE')).toHaveLength(sent + 1);
    expect(await frozen.thaw()).toMatch(/SLOW_CONSUMER/);
  });

  test('is ended when it takes nothing for the send timeout, however little waits', async () => {
    const clock = new FakeClock();
    const settings = { heartBeatMs: 0, lingerMs: 60_000, unsentBytesMax: 1 << 28 };
    const { server, url } = await startServer(settings, { clock });
    const frozen = await freeze(url);
    const reader = await SocketClient.connect(url);
    await reader.subscribe(TOPIC, 'all');
    // More than the system buffers for a peer that does not read.
    for (let sent = 0; sent < 12; sent += 1) {
      reader.frame('SEND', { destination: TOPIC, receipt: `${sent}` }, 'x'.repeat(1_000_000));
      await reader.expectReceipt(`${sent}`);
    }

    clock.advance(29_000);
    expect(server.sessionCount).toBe(2);
    clock.advance(31_000);

    expect(server.sessionCount).toBe(1);
    expect(await frozen.thaw()).toMatch(/SEND_TIMEOUT/);
    expect(reader.closed).toBeNull();
  });
});

describe.each([
  ['a plain WebSocket', PLAIN],
  ['TCP', TCP],
])('a client that reads, on %s,', (_name, kind) => {
  test('is not shed for the RECEIPTs that one commit brings, however many', async () => {
    const { url } = await startServer({ unsentBytesMax: 32_768 });
    const client = await Pipe.connect(kind, url);

    const receipts = Array.from({ length: 1_000 }, (_, at) => `${at}`.padStart(100, '0'));
    const sends = receipts.map((receipt) => frameText('SEND', { destination: TOPIC, receipt }));
    client.say(sends.join(''));

    for (const receipt of receipts) {
      const { headers } = await client.expectFrame('RECEIPT');
      expect(headers['receipt-id']).toBe(receipt);
    }
  });
});

describe('output below the high-water mark, where a stream never emits drain', () => {
  test('is told of all the same when it has left, on a plain WebSocket', async () => {
    const broker = await startEndpoint();
    const webSocket = new WebSocket(`ws://127.0.0.1:${broker.port}/websc/websocket`);
    await once(webSocket, 'open');
    const [recorder] = broker.recorders;
    if (recorder === undefined) throw new Error('nobody came');

    webSocket.pause();
    await fill(recorder.transport);
    expect(recorder.drains).toBe(0);
    webSocket.resume();

    await until(() => recorder.drains > 0);
    expect(recorder.transport.bufferedBytes).toBe(0);
  });

  test('is told of all the same when it has left, on TCP', async () => {
    const { peer, socket } = await socketPair();
    const transport = new TcpTransport(socket, { clock: new FakeClock(), lingerMs: 1 });
    const recorder = new Recorder(transport);
    transport.open(recorder);

    await fill(transport);
    expect(recorder.drains).toBe(0);
    peer.resume();

    await until(() => recorder.drains > 0);
    expect(transport.bufferedBytes).toBe(0);
  });
});

describe('a response that is not read', () => {
  test('counts as unsent when it has ended, and is destroyed after the session', async () => {
    const broker = await startEndpoint();
    const session = `${broker.url}/websc/000/abc`;
    const response = await open(`${session}/xhr_streaming`, { method: 'POST' });
    const [recorder] = broker.recorders;

    // Far more than sockets buffer; for `sockjs` it also completes the response.
    recorder?.write('x'.repeat(32 << 20));
    expect(recorder?.transport.bufferedBytes).toBeGreaterThan(1 << 20);
    recorder?.transport.close(4000, 'SLOW_CONSUMER');
    broker.clock.advance(2_000);

    await until(() => recorder?.transport.bufferedBytes === 0);
    await expect(response.toArray()).rejects.toThrow('aborted');
  });
});

/** Writes small packets until the system takes no more, and part of one waits. */
async function fill(transport: Transport): Promise<void> {
  const packet = transport.encoding.wrap([Buffer.alloc(1_000, 'x')]);
  while (transport.bufferedBytes === 0) {
    transport.write(packet);
    // Gives the system time to take what it can.
    await new Promise(setImmediate);
  }
}

async function frozenWebSocket(
  url: string,
  path: string,
  wrap: (text: string) => string,
): Promise<Frozen> {
  const webSocket = new WebSocket(url.replace('http', 'ws') + path);
  let heard = '';
  webSocket.on('message', (data: Buffer) => {
    heard = data.toString();
  });
  const closed = once(webSocket, 'close');
  await once(webSocket, 'open');
  webSocket.send(wrap(LOGIN));
  webSocket.send(wrap(SUBSCRIBE));
  while (!heard.includes('RECEIPT')) await once(webSocket, 'message');
  webSocket.pause();
  return {
    async thaw() {
      let last = '';
      webSocket.on('message', (data: Buffer) => {
        last += data.toString().slice(0, 200);
      });
      webSocket.resume();
      const [code, reason] = await closed;
      return `${last} ${code} ${reason}`;
    },
  };
}

async function frozenResponse(url: string, method: string, transport: string): Promise<Frozen> {
  const session = `${url}/websc/1/c`;
  const response = await open(`${session}/${transport}`, { method });
  await xhrSend(session, LOGIN, SUBSCRIBE);
  return {
    async thaw() {
      await response.toArray();
      return fetchRest(session);
    },
  };
}

async function frozenPolling(url: string): Promise<Frozen> {
  const session = `${url}/websc/1/d`;
  await ask(`${session}/xhr`, { method: 'POST' });
  await xhrSend(session, LOGIN, SUBSCRIBE);
  return { thaw: () => fetchRest(session) };
}

/** Everything that waits for a client, up to the close. */
async function fetchRest(session: string): Promise<string> {
  const rest = await ask(`${session}/xhr`, { method: 'POST' });
  const goodbye = await ask(`${session}/xhr`, { method: 'POST' });
  return rest.text.slice(-500) + goodbye.text;
}

function jsonOf(text: string): string {
  return JSON.stringify([text]);
}
