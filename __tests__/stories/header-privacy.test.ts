import { describe, expect, test } from '@jest/globals';
import { Application } from '../../broker/application/application.ts';
import { sendTo } from '../../broker/application/reply.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const ROOM = '/topic/chat/room/7';
const TALK = JSON.stringify({ type: 'TALK', roomId: '7', sender: 'Kim', message: '안녕' });
/** What tutorials send along with every SEND. */
const SECRETS = { Authorization: 'Bearer abc', token: 'abc', 'X-XSRF-TOKEN': 'abc' };

async function logIn(url: string, login: string): Promise<SocketClient> {
  const client = await SocketClient.open(url);
  client.frame('CONNECT', { 'accept-version': '1.2', host: 'test', login });
  await client.expectFrame('CONNECTED');
  return client;
}

describe('what the chat publishes', () => {
  test('carries no header of the SEND, live or in the history', async () => {
    const { url } = await startServer();
    const [kim, lee] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    await lee.subscribe(ROOM, 'live');

    const headers = { destination: '/app/chat/message', receipt: 'said', trace: 't1', ...SECRETS };
    kim.frame('SEND', headers, TALK);
    await kim.expectReceipt('said');
    lee.frame('SUBSCRIBE', { destination: ROOM, id: 'read', 'x-stream-offset': 'first' });

    for (const subscription of ['live', 'read']) {
      const message = await lee.expectFrame('MESSAGE', (frame) => {
        return frame.headers.subscription === subscription;
      });
      expect(Object.keys(message.headers).sort()).toEqual([
        'content-length',
        'content-type',
        'destination',
        'message-id',
        'subscription',
        'x-stream-offset',
      ]);
    }
  });
});

describe('a SEND with credentials in its headers', () => {
  test.each([
    ['/topic/news', '/topic/news'],
    ['/queue/work', '/queue/work'],
    ['/user/queue/private', '/user/kim/queue/private'],
  ])('reaches %s without them, and with its other headers', async (heard, sent) => {
    const { url } = await startServer({ trustLogin: true });
    const kim = await logIn(url, 'kim');
    await kim.subscribe(heard, 'one');

    kim.frame('SEND', { destination: sent, trace: 't1', ...SECRETS }, 'hi');

    const { headers } = await kim.expectFrame('MESSAGE');
    expect(headers.trace).toBe('t1');
    expect(JSON.stringify(headers)).not.toContain('abc');
  });

  test('shows them to a handler that asks, and to nobody whom it tells', async () => {
    const application = new Application().message('/say', (request) => {
      const { headers } = request;
      return { publish: [sendTo('/topic/said', request.header('token'), { headers })] };
    });
    const { url } = await startServer({}, { application });
    const kim = await SocketClient.connect(url);
    await kim.subscribe('/topic/said', 'one');

    kim.frame('SEND', { destination: '/app/say', trace: 't1', ...SECRETS }, 'hi');

    const { body, headers } = await kim.expectFrame('MESSAGE');
    expect(body).toBe('"abc"');
    expect(headers.trace).toBe('t1');
    expect(JSON.stringify(headers)).not.toContain('abc');
  });
});

test('the program may name any header but those of the broker', async () => {
  const named = { 'Content-Length': '1', token: 'abc' };
  const application = new Application().message('/say', () => ({
    publish: [sendTo('/topic/news', 'hi', { headers: Object.entries(named) })],
  }));
  const { server, url } = await startServer({}, { application });
  const kim = await SocketClient.connect(url);
  await kim.subscribe('/topic/news', 'one');

  await server.broker.publish('/topic/news', '"hi"', named);
  kim.frame('SEND', { destination: '/app/say' });

  for (const _from of ['the server', 'a handler']) {
    const { body, headers } = await kim.expectFrame('MESSAGE');
    expect(body).toBe('"hi"');
    expect(headers.token).toBe('abc');
    expect(headers['Content-Length']).toBeUndefined();
  }
});
