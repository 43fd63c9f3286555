import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import { ConfigError } from '../../../broker/config.ts';
import { createTestBroker } from '../../../broker/testing/test-broker.ts';
import { Inbox } from '../../stories/clients/stomp-clients.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { connectedClient, startTestBroker } from '../../support/start-test-broker.ts';
import { turns } from '../../support/turns.ts';

describe('a test broker', () => {
  test('carries stompjs both ways without a network', async () => {
    const application = new Application().message('/shout', (request) => ({
      publish: [sendTo('/topic/loud', request.text().toUpperCase())],
    }));
    const broker = startTestBroker({}, { application });
    const { client } = await connectedClient(broker);
    const inbox = await Inbox.open(client, '/topic/loud');

    client.publish({ destination: '/app/shout', body: '안녕 hey' });

    expect((await inbox.next()).body).toBe('"안녕 HEY"');
  });

  test('publishes as the server, with headers, once somebody is there', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);
    const heard = new Promise((resolve) => {
      client.subscribe('/topic/news', ({ body, headers }) => resolve([body, headers.mood]));
    });

    await broker.subscribed('/topic/news');
    const published = await broker.publish('/topic/news', 'hello', { mood: 'good' });

    expect(published).toEqual({ offset: null });
    expect(await heard).toEqual(['hello', 'good']);
  });

  test('gives positions where messages are kept', async () => {
    const broker = startTestBroker();

    expect(await broker.publish('/topic/chat/room/7', 'one')).toEqual({ offset: 1 });
    expect(await broker.publish('/topic/chat/room/7', 'two')).toEqual({ offset: 2 });
  });

  test('publishes nothing with headers that are no texts', async () => {
    const broker = startTestBroker();

    const published = broker.publish('/topic/news', 'hello', { mood: ['so: so'] as never });

    await expect(published).rejects.toThrow('texts for headers');
  });

  test('publishes to queues, and to the sessions of a user', async () => {
    const broker = startTestBroker({}, { authenticate: ({ login }) => login });
    const { client } = await connectedClient(broker, { connectHeaders: { login: 'kim' } });
    const jobs = await Inbox.open(client, '/queue/jobs');
    const own = await Inbox.open(client, '/user/queue/mail');

    await broker.publish('/queue/jobs', 'a job');
    await broker.publish('/user/kim/queue/mail', 'a letter');

    expect((await jobs.next()).body).toBe('a job');
    expect((await own.next()).body).toBe('a letter');
  });

  test('publishes once what has the same deduplication id', async () => {
    const broker = startTestBroker();
    const publish = (body: string) =>
      broker.publish('/topic/chat/room/7', body, { 'x-deduplication-id': 'once' });

    expect([await publish('one'), await publish('one')]).toEqual([{ offset: 1 }, { offset: 1 }]);
    await expect(publish('two')).rejects.toMatchObject({ name: 'Rejection', code: 'ID_TAKEN' });
  });

  test('has no room for more than its queues have', async () => {
    const broker = startTestBroker({ queueCount: 1 });
    await broker.publish('/queue/jobs', 'one');

    const second = broker.publish('/queue/jobs', 'two');

    await expect(second).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  test.each(['/app/x', '/topic/*', '/elsewhere', '/user/kim', 'x'])(
    'publishes nothing at %s',
    async (destination) => {
      await expect(startTestBroker().publish(destination, 'x')).rejects.toThrow(
        `nothing can be published at ${destination}`,
      );
    },
  );

  test('asks the authentication, with headers and query of the connection', async () => {
    const broker = startTestBroker(
      {},
      { authenticate: ({ handshake }) => `${String(handshake.headers.cookie)} ${handshake.url}` },
    );
    const webSocketFactory = () =>
      broker.webSocket({ headers: { cookie: 'sid=1' }, query: 'token=2' });

    const { client } = await connectedClient(broker, { webSocketFactory });
    client.publish({ destination: '/topic/x' });

    const [message] = await broker.received('/topic/x');
    expect(message?.user).toBe('sid=1 /websc/websocket?token=2');
  });

  test('listens on free ports where a test wants a network', async () => {
    const broker = startTestBroker();
    const { tcpPort, url } = await broker.listen();
    const client = await SocketClient.connect(url);

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
    await broker.subscribed('/topic/x');

    expect(tcpPort).toBeGreaterThan(0);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    expect(broker.sessionCount).toBe(1);
  });

  test('names all wrong settings, as any broker', () => {
    expect(() => createTestBroker({ port: -1, bodyBytes: 0 })).toThrow(ConfigError);
  });

  test('tells its clients that it stops, and takes no new ones', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);
    const closed = new Promise((resolve) => {
      client.onWebSocketClose = ({ code, reason }) => resolve([code, reason]);
    });

    await broker.stop();
    await broker.stop();

    expect(await closed).toEqual([1012, 'DRAINING']);
    const late = broker.webSocket();
    const refused = await new Promise((resolve) => {
      late.onclose = ({ code }) => resolve(code);
    });
    expect(refused).toBe(1006);
  });
});

describe('waiting for subscriptions', () => {
  test('resolves with them as soon as there are as many', async () => {
    const broker = startTestBroker({}, { authenticate: ({ login }) => login });
    const connectHeaders = { login: 'kim' };
    const ada = await connectedClient(broker, { connectHeaders });
    const bob = await connectedClient(broker);

    const both = broker.subscribed('/topic/x', { count: 2 });
    ada.client.subscribe('/topic/x', () => undefined, { id: 'a' });
    bob.client.subscribe('/topic/x', () => undefined, { id: 'b' });

    expect(await both).toEqual([
      { destination: '/topic/x', id: 'a', sessionId: ada.session, user: 'kim' },
      { destination: '/topic/x', id: 'b', sessionId: bob.session, user: null },
    ]);
  });

  test('counts no longer what was unsubscribed, and whose session ended', async () => {
    const broker = startTestBroker();
    const [ada, bob] = [await connectedClient(broker), await connectedClient(broker)];
    const subscription = ada.client.subscribe('/topic/x', () => undefined);
    bob.client.subscribe('/topic/x', () => undefined);
    await broker.subscribed('/topic/x', { count: 2 });

    subscription.unsubscribe();
    ada.client.publish({ destination: '/topic/done' });
    await bob.client.deactivate();
    await broker.received('/topic/done');

    await expect(broker.subscribed('/topic/x', { timeoutMs: 0 })).rejects.toThrow(
      '0 of 1 subscriptions to /topic/x are open; open are: nothing',
    );
  });

  test('does not count what a handler or guard refused', async () => {
    const application = new Application().guard(({ destination }) => {
      if (destination === '/topic/no') reject('NO', 'no');
    });
    const broker = startTestBroker({}, { application });
    const { client } = await connectedClient(broker);
    const closed = new Promise((resolve) => {
      client.onWebSocketClose = resolve;
    });

    client.subscribe('/topic/no', () => undefined);
    await closed;

    await expect(broker.subscribed('/topic/no', { timeoutMs: 0 })).rejects.toThrow('0 of 1');
  });

  test('that is in vain says what is there instead, and where it was waited', async () => {
    const clock = new FakeClock();
    const broker = startTestBroker({}, { clock });
    const { client } = await connectedClient(broker);
    for (const destination of ['/topic/a', '/topic/b', '/topic/b']) {
      client.subscribe(destination, () => undefined);
    }
    await broker.subscribed('/topic/b', { count: 2 });

    const waiting = broker.subscribed('/topic/x').catch((error: Error) => error);
    clock.advance(5_000);
    const error = await waiting;

    expect(error).toMatchObject({
      message:
        'not within 5000 ms. 0 of 1 subscriptions to /topic/x are open; open are: /topic/b (2), /topic/a',
      stack: expect.stringContaining('test-broker.test.ts'),
    });
  });

  test('ends when the broker stops', async () => {
    const broker = startTestBroker();
    const waiting = broker.subscribed('/topic/x').catch((error: Error) => error.message);

    await broker.stop();

    expect(await waiting).toMatch(/^the broker has stopped. 0 of 1/);
    await expect(broker.received('/topic/x')).rejects.toThrow('the broker has stopped');
  });
});

describe('waiting for messages', () => {
  test('resolves with them: text, octets, headers, and who sent them', async () => {
    const broker = startTestBroker({}, { authenticate: () => 'kim' });
    const { client, session } = await connectedClient(broker);

    client.publish({ destination: '/topic/x', body: '안녕', headers: { mood: 'good' } });
    client.publish({ destination: '/topic/x', binaryBody: new Uint8Array([0xff, 0]) });

    const [text, binary] = await broker.received('/topic/x', { count: 2 });
    expect(text).toMatchObject({
      body: '안녕',
      destination: '/topic/x',
      headers: { destination: '/topic/x', mood: 'good' },
      sessionId: session,
      user: 'kim',
    });
    expect(binary?.bytes).toEqual(Buffer.from([0xff, 0]));
  });

  test('takes a condition instead of a destination', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);

    client.publish({ destination: '/topic/x', body: '1' });
    client.publish({ destination: '/topic/y', body: '2' });

    const [message] = await broker.received(({ body }) => body === '2');
    expect(message?.destination).toBe('/topic/y');
  });

  test('counts what came before, until it is cleared', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);
    client.publish({ destination: '/topic/x', body: 'old' });
    await broker.received('/topic/x');
    expect(await broker.received('/topic/x')).toHaveLength(1);

    broker.clear();
    client.publish({ destination: '/topic/x', body: 'new' });

    expect(await broker.received('/topic/x')).toMatchObject([{ body: 'new' }]);
  });

  test('counts what was refused as well, for it came', async () => {
    const application = new Application().message('/no', () => reject('NO', 'no'));
    const broker = startTestBroker({}, { application });
    const { client } = await connectedClient(broker);

    client.publish({ destination: '/app/no', body: 'please' });

    expect(await broker.received('/app/no')).toMatchObject([{ body: 'please' }]);
  });

  test('counts what is in a transaction when it is committed', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);
    const [kept, dropped] = [client.begin(), client.begin()];
    for (const transaction of [kept, dropped]) {
      const headers = { transaction: transaction.id };
      client.publish({ destination: '/topic/x', body: transaction.id, headers });
    }
    client.publish({ destination: '/topic/x', body: 'before' });

    kept.commit();
    dropped.abort();
    client.publish({ destination: '/topic/x', body: 'after' });

    const messages = await broker.received('/topic/x', { count: 3 });
    expect(messages.map(({ body }) => body)).toEqual(['before', kept.id, 'after']);
  });

  test('does not count what the test publishes itself', async () => {
    const broker = startTestBroker();

    await broker.publish('/topic/x', 'hello');

    await expect(broker.received('/topic/x', { timeoutMs: 0 })).rejects.toThrow(
      '0 of 1 messages to /topic/x came; what came: nothing',
    );
  });

  test('keeps so many, and says how many are forgotten', async () => {
    const broker = startTestBroker();
    const { client } = await connectedClient(broker);

    for (let sent = 0; sent < 10_002; sent += 1) client.publish({ destination: '/topic/x' });
    client.publish({ destination: '/topic/last' });
    await broker.received('/topic/last');
    await turns();

    await expect(broker.received('/topic/y', { timeoutMs: 0 })).rejects.toThrow(
      'what came: /topic/x (9999), /topic/last; 3 older ones are forgotten',
    );
  });
});
