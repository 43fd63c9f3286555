import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Application } from '../../broker/application/application.ts';
import { CLOSE_REASONS } from '../../broker/session/close-reasons.ts';
import { PLAIN } from '../broker/transport/pipe.ts';
import { upgrade } from '../broker/transport/raw-http.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { frameText } from '../support/frame-text.ts';
import { startServer } from '../support/start-server.ts';
import { StompPeer } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';

const TOPIC = '/topic/websocket';
const ENDPOINTS = ['/websc/websocket', '/websc/000/conformance/websocket'];

describe('STOMP over WebSocket', () => {
  const wire = useWire(PLAIN);

  /** The subprotocol that is answered, or what the client says of it. */
  function answered(path: string, offered: string[]): Promise<string> {
    const webSocket = new WebSocket(wire.url().replace('http', 'ws') + path, offered);
    return new Promise((resolve) => {
      webSocket.on('open', () => resolve(webSocket.protocol));
      webSocket.on('error', (error) => resolve(error.message));
      webSocket.on('open', () => webSocket.terminate());
    });
  }

  test.each([
    [['v12.stomp'], 'v12.stomp'],
    [['v11.stomp'], 'v11.stomp'],
    [['v10.stomp'], 'v10.stomp'],
    [['v10.stomp', 'v11.stomp', 'v12.stomp'], 'v12.stomp'],
    [['v12.stomp', 'v11.stomp', 'v10.stomp'], 'v12.stomp'],
    [['chat', 'v10.stomp', 'v11.stomp'], 'v11.stomp'],
  ])('W1 (RFC 6455, "Server Requirements"): %j is answered with %s', async (offered, best) => {
    expect(await answered('/websc/websocket', offered)).toBe(best);
  });

  test('W1 (RFC 6455, "Server Requirements"): a subprotocol that is not ours is not answered', async () => {
    const key = 'Sec-WebSocket-Protocol';
    const port = Number(new URL(wire.url()).port);

    const head = await upgrade(port, '/websc/websocket', { [key]: 'v13.stomp, chat' });

    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head.toLowerCase()).not.toContain(key.toLowerCase());
  });

  test.each(ENDPOINTS)(
    'W2 (RFC 6455, "Server Requirements"): who offers nothing at %s is answered nothing',
    async (path) => {
      expect(await answered(path, [])).toBe('');
    },
  );

  test('W3 (RFC 6455, "Data Frames"): text and binary carry the same octets', async () => {
    const peer = await wire.listen(TOPIC);
    const send = frameText('SEND', { destination: TOPIC, 'x-a': '안녕' }, 'hi');

    peer.say(send);
    peer.say(Buffer.from(send));

    const [inText, inBinary] = [await peer.expect('MESSAGE'), await peer.expect('MESSAGE')];
    expect(inText.headers['x-a']).toBe('안녕');
    expect(inBinary.headers['x-a']).toBe('안녕');
    expect(inBinary.body).toEqual(inText.body);
  });

  test('W3 (RFC 6455, "Data Frames"): a message holds frames and pieces of frames, or nothing', async () => {
    const peer = await wire.listen(TOPIC);
    const [one, two] = ['one', 'two'].map((body) =>
      frameText('SEND', { destination: TOPIC }, body),
    );

    peer.say('');
    peer.say(`${one}\n${two}SEND\ndest`);
    peer.say(Buffer.alloc(0));
    peer.say(`ination:${TOPIC}\n\nthree`);
    peer.say('\0');

    for (const text of ['one', 'two', 'three']) {
      expect((await peer.expect('MESSAGE')).text).toBe(text);
    }
  });

  test('W3 (RFC 6455, "Fragmentation"): a message in fragments is one', async () => {
    const webSocket = new WebSocket(`${wire.url().replace('http', 'ws')}/websc/websocket`);
    await new Promise((resolve) => webSocket.once('open', resolve));

    webSocket.send('CONN', { fin: false });
    webSocket.send('ECT\naccept-version:1.2\n', { fin: false });
    webSocket.send('\n\0', { fin: true });

    const answer = await new Promise((resolve) => webSocket.once('message', resolve));
    expect(String(answer)).toMatch(/^CONNECTED\nversion:1\.2\n/);
    webSocket.terminate();
  });

  test.each([
    ['v12.stomp', '1.1', '1.1'],
    ['v10.stomp', '1.0,1.1,1.2', '1.2'],
    ['v12.stomp', undefined, undefined],
  ])(
    'W4 (STOMP 1.2, "Protocol Negotiation"): with %s and accept-version %s CONNECT decides',
    async (subprotocol, accepted, version) => {
      const address = `${wire.url().replace('http', 'ws')}/websc/websocket`;
      const webSocket = new WebSocket(address, [subprotocol]);
      await new Promise((resolve) => webSocket.once('open', resolve));

      const headers = accepted === undefined ? {} : { 'accept-version': accepted };
      webSocket.send(frameText('CONNECT', { host: 'test', ...headers }));

      const answer = String(await new Promise((resolve) => webSocket.once('message', resolve)));
      expect(/^version:(.*)$/m.exec(answer)?.[1]).toBe(version);
      webSocket.terminate();
    },
  );
});

describe('the close codes of STOMP over WebSocket', () => {
  const clock = new FakeClock();
  const application = new Application().message('/broken', () => {
    throw new Error('a bug');
  });
  const wire = useWire(
    PLAIN,
    { bodyBytes: 1, headerBytes: 64, headerCountMax: 8 },
    { application, clock },
  );

  const ENDINGS: [code: number, reason: string, ends: (peer: StompPeer) => void][] = [
    [1000, 'CLIENT_LEFT', (peer) => peer.frame('DISCONNECT')],
    [1002, 'PROTOCOL_ERROR', (peer) => peer.frame('SEND')],
    [1008, 'REFUSED', (peer) => peer.frame('SEND', { destination: '/app/none' })],
    [1011, 'INTERNAL', (peer) => peer.frame('SEND', { destination: '/app/broken' })],
    [4001, 'HEART_BEAT_LOST', () => clock.advance(60_000)],
  ];

  test.each(ENDINGS)(
    'W5 (RFC 6455, "Status Codes"): closes with %i for %s',
    async (code, reason, ends) => {
      const peer = await wire.connect('1.2', { 'heart-beat': '10000,0' });

      ends(peer);

      expect(await peer.ended()).toEqual({ code, reason });
    },
  );

  test('W5 (RFC 6455, "Status Codes"): closes with 4002 for CONNECT_TIMEOUT', async () => {
    const peer = await wire.open();

    clock.advance(60_000);

    await peer.expectError('CONNECT_TIMEOUT');
    expect(await peer.ended()).toEqual({ code: 4002, reason: 'CONNECT_TIMEOUT' });
  });

  test('W5 (RFC 6455, "Status Codes"): closes with 1009 for what is too large to look at', async () => {
    const peer = await wire.connect();

    peer.say('.'.repeat(100_000));

    expect((await peer.expectEnd()).code).toBe(1009);
  });

  test('W5 (RFC 6455, "Status Codes"): closes with 1012 for DRAINING', async () => {
    const { server, url } = await startServer();
    const peer = await StompPeer.connect(PLAIN, url);

    const stopped = server.stop();

    expect(await peer.expectEnd()).toEqual({ code: 1012, reason: 'DRAINING' });
    await stopped;
  });

  test('W5 (RFC 6455, "The Close Frame"): no reason is longer than it may be', () => {
    for (const [reason, { code }] of Object.entries(CLOSE_REASONS)) {
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      expect([1000, 1001, 1002, 1006, 1008, 1009, 1011, 1012].includes(code) || code >= 4000).toBe(
        true,
      );
    }
  });
});
