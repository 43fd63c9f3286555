import { describe, expect, test } from '@jest/globals';
import { frameText } from '../../support/frame-text.ts';
import { startTestBroker } from '../../support/start-test-broker.ts';
import { turns } from '../../support/turns.ts';

const CONNECT = frameText('CONNECT', { 'accept-version': '1.2' });

async function opened(broker = startTestBroker()) {
  const socket = broker.webSocket();
  const heard: unknown[] = [];
  const closings: unknown[] = [];
  socket.onmessage = ({ data }) => heard.push(data);
  socket.onclose = (closing) => closings.push(closing);
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
  });
  return { broker, closings, heard, socket };
}

describe('a WebSocket in memory', () => {
  test('opens a moment later, and takes nothing before', async () => {
    const socket = startTestBroker().webSocket();

    expect(socket.readyState).toBe(0);
    expect(() => socket.send('x')).toThrow('not open yet');
    expect(socket.url).toBe('ws://test-broker/websc/websocket');
  });

  test.each([
    ['text', (bytes: Buffer) => bytes.toString()],
    ['an ArrayBuffer', (bytes: Buffer) => new Uint8Array(bytes).buffer],
    ['a view of one', (bytes: Buffer) => new Uint8Array([0, ...bytes]).subarray(1)],
  ])('sends %s', async (_what, given) => {
    const { heard, socket } = await opened();

    socket.send(given(Buffer.from(CONNECT)));
    await turns();

    expect(heard).toEqual([expect.stringMatching(/^CONNECTED\n/)]);
  });

  test('gives text as text and octets as octets, each frame a message', async () => {
    const { broker, heard, socket } = await opened();
    socket.send(CONNECT + frameText('SUBSCRIBE', { id: '1', destination: '/topic/x' }));
    await broker.subscribed('/topic/x');

    socket.binaryType = 'arraybuffer';
    const sizes = [10, 200, 70_000];
    await Promise.all(sizes.map((size) => broker.publish('/topic/x', 'x'.repeat(size))));
    await broker.publish('/topic/x', new Uint8Array([0xff]));
    await turns();
    socket.binaryType = 'blob';
    await broker.publish('/topic/x', new Uint8Array([0xff]));
    await turns();

    const [, ...messages] = heard;
    for (const [at, size] of sizes.entries()) {
      expect(String(messages[at]).split('\n\n')[1]).toBe(`${'x'.repeat(size)}\0`);
    }
    expect(Object.prototype.toString.call(messages[3])).toBe('[object ArrayBuffer]');
    expect(Object.prototype.toString.call(messages[4])).toBe('[object Blob]');
  });

  test('is told how the broker closed it', async () => {
    const { closings, socket } = await opened();

    socket.send('rubbish\n');
    await turns();

    expect(closings).toEqual([{ code: 1002, reason: 'PROTOCOL_ERROR', wasClean: true }]);
    expect(socket.readyState).toBe(3);
    socket.send('nobody hears it');
  });

  test.each([
    ['close', { code: 3000, reason: 'enough', wasClean: true }],
    ['terminate', { code: 1006, reason: '', wasClean: false }],
  ] as const)('ends its session by %s, after all that it said before', async (how, closing) => {
    const { broker, closings, socket } = await opened();
    socket.send(CONNECT);
    socket.send(frameText('SEND', { destination: '/topic/x' }, 'last words'));

    socket[how](3000, 'enough');
    await turns();

    expect(closings).toEqual([closing]);
    expect(broker.sessionCount).toBe(0);
    expect(await broker.received('/topic/x')).toMatchObject([{ body: 'last words' }]);
  });

  test('that is closed before it opened never opens', async () => {
    const broker = startTestBroker();
    const socket = broker.webSocket();
    const events: string[] = [];
    socket.onopen = () => events.push('open');
    socket.onclose = ({ code }) => events.push(`close ${code}`);

    socket.close();
    await turns();

    expect(events).toEqual(['close 1006']);
    expect(broker.sessionCount).toBe(0);
  });

  test('is told by close code of a message too large to look at', async () => {
    const broker = startTestBroker({ bodyBytes: 10, headerBytes: 64, headerCountMax: 8 });
    const { closings, socket } = await opened(broker);

    socket.send('x'.repeat(70_000));
    await turns();

    expect(closings).toMatchObject([{ code: 1009 }]);
  });

  test('is held, not dropped, while the broker does not read', async () => {
    let admit: (user: null) => void = () => undefined;
    const authenticate = () =>
      new Promise<null>((resolve) => {
        admit = resolve;
      });
    const { broker, closings, socket } = await opened(startTestBroker({}, { authenticate }));
    socket.send(CONNECT);
    for (const body of ['1', '2']) {
      socket.send(frameText('SEND', { destination: '/topic/x' }, body.repeat(70_000)));
    }
    socket.send(frameText('DISCONNECT'));
    await turns();

    admit(null);
    await broker.received('/topic/x', { count: 2 });
    await turns();

    expect(closings).toMatchObject([{ code: 1000 }]);
  });
});
