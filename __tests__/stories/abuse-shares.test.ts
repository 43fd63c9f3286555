import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

describe('what one address may take', () => {
  test('a large message into the chat is refused, and the session lives', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);
    await client.subscribe('/user/queue/errors', 'errors');
    const message = { type: 'TALK', roomId: '7', sender: 'Kim', message: 'x' };

    const large = JSON.stringify({ ...message, more: 'x'.repeat(65_536) });
    client.frame('SEND', { destination: '/app/chat/message', receipt: 'large' }, large);

    const { headers } = await client.expectFrame('MESSAGE');
    expect(headers).toMatchObject({ code: 'BODY_TOO_LARGE', 'receipt-id': 'large' });
    await client.chat(message, 'small');
  });

  test('empty queues are gone when their sessions are', async () => {
    const { url } = await startServer({ queuesMax: 20 });
    for (let round = 0; round < 3; round += 1) {
      const client = await SocketClient.connect(url);
      for (let at = 0; at < 20; at += 1) await client.subscribe(`/queue/${round}-${at}`, `${at}`);
      client.webSocket.terminate();
      await client.expectClose();
    }

    for (;;) {
      const other = await SocketClient.connect(url);
      other.frame('SEND', { destination: '/queue/other', receipt: 'put' }, 'x');
      const answer = await Promise.race([other.expectFrame('RECEIPT'), other.expectFrame('ERROR')]);
      if (answer.command === 'RECEIPT') break;
    }
  });
});

describe('names and hosts', () => {
  test('what a handler publishes has none of the headers of its SEND', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);
    await client.subscribe('/topic/chat/room/7', 'room');
    const body = JSON.stringify({ type: 'TALK', roomId: '7', sender: 'Kim', message: 'x' });

    client.frame(
      'SEND',
      { destination: '/app/chat/message', Authorization: 'Bearer abc', token: 'abc' },
      body,
    );

    const { headers } = await client.expectFrame('MESSAGE');
    expect(Object.values(headers).filter((value) => value.includes('abc'))).toEqual([]);
  });

  test('a page that reaches a loopback server by a name of its own is refused', async () => {
    const { url } = await startServer();

    // `fetch` sets Host by the URL; a proxy of the attacker's name is what a rebound browser is.
    const status = await new Promise<number | undefined>((resolve) => {
      const asking = request(`${url}/api/rooms`, { headers: { Host: 'evil.example' } });
      asking.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.end();
    });

    expect(status).toBe(421);
  });
});
