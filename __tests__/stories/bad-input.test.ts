import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Someone who behaves, and is served before and after. */
async function expectServed(url: string): Promise<void> {
  const client = await SocketClient.connect(url);
  await client.subscribe('/topic/well', 's');
  client.frame('SEND', { destination: '/topic/well' }, 'still there');
  const { body } = await client.expectFrame('MESSAGE');
  expect(body).toBe('still there');
  client.webSocket.close();
}

describe('what bad input gets', () => {
  test('random bytes: an ERROR and the end', async () => {
    const { url } = await startServer();
    const client = await SocketClient.open(url);

    client.say(randomBytes(1_000));

    expect((await client.expectFrame('ERROR')).headers.code).toMatch(/UNKNOWN_COMMAND|NOT_UTF8/);
    expect(await client.expectClose()).toEqual({ code: 1002, reason: 'PROTOCOL_ERROR' });
    await expectServed(url);
  });

  test('100,000 headers: an ERROR and the end', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);

    client.say(`SEND\ndestination:/topic/x\nreceipt:r\n${'a:b\n'.repeat(100_000)}\n\0`);

    const { headers } = await client.expectFrame('ERROR');
    expect(headers).toMatchObject({ code: 'TOO_MANY_HEADERS', 'receipt-id': 'r' });
    expect((await client.expectClose()).code).toBe(1002);
    await expectServed(url);
  });

  test('a body beyond the limit that is announced: an ERROR before it comes', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);

    client.say(`SEND\ndestination:/topic/x\ncontent-length:${100 * 1024 * 1024}\n\n`);

    expect((await client.expectFrame('ERROR')).headers.code).toBe('BODY_TOO_LARGE');
    await expectServed(url);
  });

  test('a frame of 100 MiB in one message: close code 1009', async () => {
    const { server, url } = await startServer();
    const client = await SocketClient.connect(url);

    client.say(
      Buffer.concat([
        Buffer.from('SEND\ndestination:/topic/x\n\n'),
        Buffer.alloc(100 * 1024 * 1024, 120),
      ]),
    );

    expect([1009, 1006]).toContain((await client.expectClose()).code);
    await expectServed(url);
    expect(server.sessionCount).toBeLessThanOrEqual(1);
  });

  test('a frame of 100 MiB in many messages: an ERROR as soon as it is too large', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);
    const piece = Buffer.alloc(1024 * 1024, 120);

    client.say('SEND\ndestination:/topic/x\n\n');
    for (let count = 0; count < 100 && client.closed === null; count += 1) {
      await new Promise<void>((resolve) => client.webSocket.send(piece, () => resolve()));
    }

    expect((await client.expectFrame('ERROR')).headers.code).toBe('BODY_TOO_LARGE');
    await expectServed(url);
  });

  test('half a frame and silence: an ERROR and the end', async () => {
    const { url } = await startServer({ frameTimeoutMs: 50, heartBeatMs: 100 });
    const client = await SocketClient.connect(url);

    client.say('SEND\ndestination:/topic/x\n\nhal');

    expect((await client.expectFrame('ERROR')).headers.code).toBe('FRAME_TIMEOUT');
    await expectServed(url);
  });

  test('silence from the start: an ERROR and the end', async () => {
    const { url } = await startServer({ connectTimeoutMs: 50, heartBeatMs: 100 });
    const client = await SocketClient.open(url);

    expect((await client.expectFrame('ERROR')).headers.code).toBe('CONNECT_TIMEOUT');
    expect((await client.expectClose()).code).toBe(4002);
  });

  test('a client that never reads: it is shed, and the room goes on', async () => {
    const { server, url } = await startServer({
      unsentBytesMax: 256 * 1024,
      lingerMs: 50,
      chatRate: 0,
      chatAddressRate: 0,
    });
    const [stuck, well] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    for (const client of [stuck, well]) await client.subscribe('/topic/x', 's');
    stuck.webSocket.pause();
    const body = 'x'.repeat(100_000);

    let sent = 0;
    while (server.sessionCount === 2) {
      well.frame('SEND', { destination: '/topic/x', receipt: String(sent) }, body);
      await well.expectReceipt(String(sent));
      sent += 1;
    }

    const heard = well.frames.filter(({ command }) => command === 'MESSAGE');
    expect(heard).toHaveLength(sent);
    stuck.webSocket.resume();
    expect([4000, 1006]).toContain((await stuck.expectClose()).code);
  });

  test('rubbish instead of HTTP, and upgrades that break off: nobody else notices', async () => {
    const { port, url } = await startServer();

    for (const text of [
      '\0\x01\x02rubbish\r\n\r\n',
      'GET /websc/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET /websc/websocket HTTP/1.1\r\nHost: localhost\r\nUpgr',
      'POST /websc/1/abc/xhr_send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n["a',
    ]) {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      await new Promise<void>((resolve) => socket.write(text, () => resolve()));
      socket.resetAndDestroy();
    }

    await expectServed(url);
  });

  test('bad chat messages: refused to the sender alone', async () => {
    const { url } = await startServer();
    const [ada, bob] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    await bob.subscribe('/topic/chat/room/7', 'room');
    await ada.subscribe('/user/queue/errors', 'errors');

    for (const body of ['{', '[]', '{"type":"TALK","roomId":"7","sender":"Ada","message":""}']) {
      ada.frame('SEND', { destination: '/app/chat/message', receipt: 'r' }, body);
      const { headers } = await ada.expectFrame('MESSAGE');
      expect(headers).toMatchObject({ destination: '/user/queue/errors', 'receipt-id': 'r' });
    }
    await ada.chat({ type: 'TALK', roomId: '7', sender: 'Ada', message: 'fine' }, 'fine');

    expect(bob.frames.filter(({ command }) => command === 'MESSAGE')).toHaveLength(1);
  });

  test('a SEND into a room past the chat: refused', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);

    client.frame('SEND', { destination: '/topic/chat/room/7' }, '{"type":"ENTER"}');

    expect((await client.expectFrame('ERROR')).headers.code).toBe('NOT_YOURS_TO_SEND');
    expect((await client.expectClose()).code).toBe(1008);
  });
});
