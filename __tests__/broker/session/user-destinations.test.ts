import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { sendToSession, sendToUser } from '../../../broker/application/reply.ts';
import type { Config } from '../../../broker/config.ts';
import { type MemoryBroker, memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const NEWS = '/user/queue/news';
const TRUSTING = { trustLogin: true };

/** An application that answers to the user in the body, or to the session that asks. */
function answering(): Application {
  return new Application()
    .message('/tell', (request) => ({
      publish: [sendToUser(String(request.json()), '/queue/news', 'told')],
    }))
    .message('/ask', ({ caller }) => ({ publish: [sendToSession(caller, '/queue/news', 'you')] }))
    .message('/outside', ({ caller }) => ({ publish: [sendToSession(caller, '/topic/x', 1)] }));
}

function trusting(settings: Partial<Config> = {}): MemoryBroker {
  return memoryBroker({ ...TRUSTING, ...settings }, { application: answering() });
}

/** A session of a user with a subscription to its own destination. */
function userOf(broker: MemoryBroker, login: string | null, destination = NEWS): MemoryTransport {
  const client = broker.connect(login === null ? {} : { login });
  client.frame('SUBSCRIBE', { id: 'own', destination });
  return client;
}

/** Sends, and returns the code of the refusal, if there is one. */
async function send(
  broker: MemoryBroker,
  destination: string,
  body = '"x"',
): Promise<string | undefined> {
  const sender = broker.connect({ login: 'sender' });
  sender.frame('SEND', { destination, receipt: 'sent' }, body);
  await turns();
  const [frame] = sender.take();
  return frame?.command === 'ERROR' ? frame.headers.code : undefined;
}

function bodiesOf(client: MemoryTransport): string[] {
  return client.take().map(({ body }) => body);
}

describe('a SEND to a user', () => {
  test('reaches all sessions of the user, and nobody else', async () => {
    const broker = trusting();
    const [one, two, lee] = ['kim', 'kim', 'lee'].map((login) => userOf(broker, login));
    const nobody = userOf(broker, null);

    await send(broker, '/user/kim/queue/news', 'for kim');

    expect([one, two, lee, nobody].map((client) => client && bodiesOf(client))).toEqual([
      ['for kim'],
      ['for kim'],
      [],
      [],
    ]);
  });

  test('shows the destination of the subscription, and not the name', async () => {
    const broker = trusting();
    const kim = userOf(broker, 'kim');

    await send(broker, '/user/kim/queue/news');

    expect(kim.take()[0]?.headers).toMatchObject({ destination: NEWS, subscription: 'own' });
  });

  test('reaches no other queue of that user', async () => {
    const broker = trusting();
    const kim = userOf(broker, 'kim');

    for (const path of ['/queue/newsletter', '/queue/news/', '/queue/news.x', '/queue/News']) {
      await send(broker, `/user/kim${path}`);
    }

    expect(kim.take()).toEqual([]);
  });

  test.each([
    'Kim Lee',
    'a/b',
    '../kim',
    'a.b',
    'a%2Fb',
    '100%',
    '김 👋🏽',
    '\uFFFD',
    '*',
    '**',
    'kim /queue/news',
    'session',
    'queue',
    "it's (me)!",
  ])('finds %j by the name percent-encoded', async (name) => {
    const broker = trusting();
    const [owner, kim] = [userOf(broker, name), userOf(broker, 'kim')];

    await send(broker, `/user/${encodeURIComponent(name).replaceAll('*', '%2A')}/queue/news`, 'hi');

    expect(bodiesOf(owner)).toEqual(['hi']);
    expect(bodiesOf(kim)).toEqual([]);
  });

  test('decodes a name once', async () => {
    const broker = trusting();
    const [slash, escaped] = [userOf(broker, 'a/b'), userOf(broker, 'a%2Fb')];

    await send(broker, '/user/a%252Fb/queue/news', 'escaped');
    await send(broker, '/user/a%2Fb/queue/news', 'slash');

    expect(bodiesOf(slash)).toEqual(['slash']);
    expect(bodiesOf(escaped)).toEqual(['escaped']);
  });

  test.each([
    '/user',
    '/user/',
    '/user/kim',
    '/user/kim/queue',
    '/user/kim/queue/',
    '/user/kim/topic/news',
    '/user//queue/news',
    '/user/queue/news',
    '/user/100%/queue/news',
    '/user/%ED%A0%80/queue/news',
    '/user/%FF/queue/news',
    '/users/kim/queue/news',
  ])('is an ERROR where it is %s', async (destination) => {
    expect(await send(trusting(), destination)).toBe('UNKNOWN_DESTINATION');
  });

  test('without a session or a subscription goes nowhere, and gets its RECEIPT', async () => {
    const broker = trusting();
    userOf(broker, 'kim', '/user/queue/else');

    expect(await send(broker, '/user/kim/queue/news')).toBeUndefined();
    expect(await send(broker, '/user/nobody/queue/news')).toBeUndefined();
  });

  test('is refused where sessions have no users', async () => {
    expect(await send(memoryBroker(), '/user/kim/queue/news')).toBe('NO_USERS');
  });

  test.each([{}, TRUSTING])('is refused to an errors queue, with %j', async (settings) => {
    const broker = memoryBroker(settings);
    const kim = userOf(broker, 'kim', '/user/queue/errors');

    expect(await send(broker, '/user/kim/queue/errors')).toBe('NOT_YOURS_TO_SEND');
    expect(kim.take()).toEqual([]);
  });

  test('is found under another prefix', async () => {
    const broker = trusting({ userPrefix: '/my.own' });
    const kim = userOf(broker, 'kim', '/my.own/queue/news');

    await send(broker, '/my.own/kim/queue/news', 'hi');

    expect(kim.take()).toMatchObject([
      { headers: { destination: '/my.own/queue/news' }, body: 'hi' },
    ]);
  });
});

describe('a session cannot be reached', () => {
  test('by its id, in whatever place', async () => {
    const broker = trusting();
    const client = broker.open();
    client.frame('CONNECT', { 'accept-version': '1.2', host: 'test', login: 'kim' });
    const id = client.take()[0]?.headers.session ?? '';
    client.frame('SUBSCRIBE', { id: 'own', destination: NEWS });

    const guesses = [
      `/user/${id}/queue/news`,
      `/user/session%20${id}/queue/news`,
      `/topic/session ${id} /queue/news`,
      `/queue/news-user${id}`,
    ];
    for (const destination of guesses) await send(broker, destination);

    expect(client.take()).toEqual([]);
  });

  test.each(['session x /queue/news', 'user kim /queue/news'])(
    'by the name %s, which is no destination',
    async (destination) => {
      const broker = trusting();
      const client = broker.connect();

      client.frame('SUBSCRIBE', { id: '1', destination });

      expect(await send(broker, destination)).toBe('UNKNOWN_DESTINATION');
      expect(client.take()[0]?.headers.code).toBe('UNKNOWN_DESTINATION');
    },
  );
});

describe('a SUBSCRIBE to a user destination', () => {
  test.each([
    '/user/kim/queue/news',
    '/user/queue',
    '/user/queue/',
    '/user/topic/x',
    '/user//queue/x',
  ])('is an ERROR where it is %s', (destination) => {
    const client = trusting().connect({ login: 'lee' });

    client.frame('SUBSCRIBE', { id: '1', destination });

    expect(client.take()[0]?.headers.code).toBe('UNKNOWN_DESTINATION');
  });

  test('leaves nothing behind when it ends', () => {
    const broker = trusting();
    const kim = userOf(broker, 'kim');
    const before = broker.index.has('user kim /queue/news');

    kim.frame('UNSUBSCRIBE', { id: 'own' });

    expect([before, broker.index.has('user kim /queue/news')]).toEqual([true, false]);
  });

  test('acknowledges what came by name as what came to the session', async () => {
    const broker = trusting();
    const kim = broker.connect({ login: 'kim' });
    const window = { ack: 'client', 'prefetch-count': '1' };
    kim.frame('SUBSCRIBE', { id: 'own', destination: NEWS, ...window });
    await send(broker, '/user/kim/queue/news', 'one');
    kim.frame('SEND', { destination: '/app/ask' });
    await turns();
    const [one, ...early] = kim.take();

    kim.frame('ACK', { id: one?.headers.ack ?? '' });

    expect([one?.body, early]).toEqual(['one', []]);
    expect(bodiesOf(kim)).toEqual(['"you"']);
  });
});

describe('a handler', () => {
  test('answers a user in all sessions, of whatever name', async () => {
    const broker = trusting();
    const sessions = [userOf(broker, 'Kim *.*/김'), userOf(broker, 'Kim *.*/김')];

    await send(broker, '/app/tell', '"Kim *.*/김"');

    expect(sessions.map(bodiesOf)).toEqual([['"told"'], ['"told"']]);
  });

  test('answers the session that asked alone, with users or without', async () => {
    for (const settings of [{}, TRUSTING]) {
      const broker = memoryBroker(settings, { application: answering() });
      const [asking, other] = [userOf(broker, 'kim'), userOf(broker, 'kim')];

      asking.frame('SEND', { destination: '/app/ask' });
      await turns();

      expect([asking, other].map(bodiesOf)).toEqual([['"you"'], []]);
    }
  });

  test('is refused an answer by name where sessions have no users', async () => {
    const broker = memoryBroker({}, { application: answering() });

    expect(await send(broker, '/app/tell', '"kim"')).toBe('NO_USERS');
  });

  test('that answers to an impossible name is not a bug', async () => {
    expect(await send(trusting(), '/app/tell', '"\\ud800"')).toBeUndefined();
  });

  test('cannot answer to other destinations', async () => {
    expect(await send(trusting(), '/app/outside')).toBe('INTERNAL');
  });
});
