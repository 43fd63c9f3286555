import { describe, expect, test } from '@jest/globals';
import { until } from '../../broker/transport/until.ts';
import { startServer } from '../../support/start-server.ts';
import { activate, chat, Inbox, open, WAYS } from './stomp-clients.ts';

const ROOM = '/topic/chat/room/7';

describe.each(WAYS)('@stomp/stompjs over %s', (_name, way) => {
  test('talks in a room', async () => {
    const { url } = await startServer();
    const [ada, bob] = [way(url), way(url)];
    await Promise.all([activate(ada), activate(bob)]);
    const inboxes = [await Inbox.open(ada, ROOM), await Inbox.open(bob, ROOM)];

    chat(ada, { type: 'ENTER', roomId: '7', sender: '에이다', message: '' });
    const entered = await Promise.all(inboxes.map((inbox) => inbox.next()));
    chat(bob, { type: 'TALK', roomId: '7', sender: 'Bob', message: '안녕 👋🏽 "\\" \u2028' });
    const talked = await Promise.all(inboxes.map((inbox) => inbox.next()));

    for (const { body, headers } of entered) {
      expect(JSON.parse(body)).toMatchObject({
        message: '에이다님이 입장했습니다.',
        type: 'ENTER',
      });
      expect(headers['x-stream-offset']).toBe('1');
    }
    for (const { body, headers } of talked) {
      expect(JSON.parse(body)).toMatchObject({ message: '안녕 👋🏽 "\\" \u2028', sender: 'Bob' });
      expect(headers['x-stream-offset']).toBe('2');
    }
  });

  test('hears who is in a room, first all of them, then who comes', async () => {
    const { url } = await startServer({ gatherMs: 1 });
    const client = way(url);
    await activate(client);
    const presence = await Inbox.open(client, `${ROOM}/presence`);

    chat(client, { type: 'ENTER', roomId: '7', sender: 'Ada', message: '' });

    expect(await presence.nextJson()).toMatchObject({ type: 'STATE', count: 0, people: [] });
    expect(await presence.nextJson()).toMatchObject({ type: 'CHANGE', count: 1, joined: ['Ada'] });
  });

  test('is told on its errors queue what was refused, and stays connected', async () => {
    const { url } = await startServer();
    const client = way(url);
    await activate(client);
    const refusals = await Inbox.open(client, '/user/queue/errors');
    const room = await Inbox.open(client, ROOM);

    chat(client, { type: 'SHOUT', roomId: '7', sender: 'Ada', message: 'hey' });
    const refusal = await refusals.next();
    chat(client, { type: 'TALK', roomId: '7', sender: 'Ada', message: 'hey' });

    expect(refusal.headers.code).toBe('BAD_TYPE');
    expect(JSON.parse(refusal.body)).toMatchObject({
      code: 'BAD_TYPE',
      destination: '/app/chat/message',
    });
    expect(await room.nextJson()).toMatchObject({ message: 'hey' });
  });

  test('hears that the broker stops', async () => {
    const { server, url } = await startServer();
    const client = way(url);
    await activate(client);
    const closed = new Promise((resolve) => {
      client.onWebSocketClose = ({ code, reason }) => resolve({ code, reason });
    });

    const stopped = server.stop();

    expect(await closed).toEqual({ code: 1012, reason: 'DRAINING' });
    await stopped;
  });

  test('leaves nothing behind when it is deactivated', async () => {
    const { server, url } = await startServer();
    const client = way(url);
    await activate(client);

    await client.deactivate();

    await until(() => server.sessionCount === 0);
  });
});

describe.each(WAYS.slice(1))('@stomp/stompjs that splits large frames over %s', (_name, way) => {
  test('loses no half of an emoji', async () => {
    const { url } = await startServer();
    const client = way(url);
    client.splitLargeFrames = true;
    await activate(client);
    const topic = await Inbox.open(client, '/topic/large');
    // An odd beginning, so that the cut at 8,192 units goes through the middle of one.
    const body = `x${'😀'.repeat(9_000)}`;

    client.publish({ destination: '/topic/large', body });

    expect((await topic.next()).body === body).toBe(true);
  });
});

describe('@stomp/stompjs with a binary body', () => {
  test('reaches a WebSocket whole, and SockJS as a message without its body', async () => {
    const { url } = await startServer();
    const clients = WAYS.map(([, way]) => way(url));
    await Promise.all(clients.map((client) => activate(client)));
    const inboxes = await Promise.all(clients.map((client) => Inbox.open(client, '/topic/bytes')));

    const binaryBody = Uint8Array.of(0xff, 0, 0xfe, 10);
    clients[0]?.publish({ destination: '/topic/bytes', binaryBody });
    const [plain, ...sockJs] = await Promise.all(inboxes.map((inbox) => inbox.next()));

    expect([...(plain?.binaryBody ?? [])]).toEqual([0xff, 0, 0xfe, 10]);
    for (const { body, headers } of sockJs) {
      expect([body, headers['x-body-omitted']]).toEqual(['', 'binary']);
    }
  });
});

describe.each(WAYS.slice(1))('@stomp/stompjs with binary frames over %s', (_name, way) => {
  test('is told that this is no STOMP', async () => {
    const { url } = await startServer();
    const client = way(url);
    // SockJS makes a text of the numbers: 67,79,78,…
    client.forceBinaryWSFrames = true;
    const told = new Promise((resolve) => {
      client.onStompError = ({ headers }) => resolve(headers.code);
    });

    open(client);

    expect(await told).toBe('UNKNOWN_COMMAND');
  });
});
