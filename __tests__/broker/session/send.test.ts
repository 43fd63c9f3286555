import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

describe('the JSON that a handler publishes', () => {
  test.each([
    ['a value that is no text', { headers: [['author', ['a:b']]] }],
    ['a header without a value', { headers: [['author']] }],
    ['a body that is no Buffer', { body: 'hi' }],
  ])('ends its own session where it publishes %s', async (_what, wrong) => {
    const application = new Application().message('/say', () => ({
      // As a JavaScript caller could, without types.
      publish: [{ ...sendTo('/topic/x', 'hi'), ...(wrong as object) }],
    }));
    const broker = memoryBroker({}, { application });
    const [ada, bob] = [broker.connect(), broker.connect()];
    bob.frame('SUBSCRIBE', { id: 'b', destination: '/topic/x' });

    ada.frame('SEND', { destination: '/app/say', receipt: 'r' });
    await turns();
    bob.frame('SEND', { destination: '/topic/x' }, 'still there');
    await turns();

    expect(ada.take()).toMatchObject([{ command: 'ERROR', headers: { code: 'INTERNAL' } }]);
    expect(bob.take()).toMatchObject([{ command: 'MESSAGE', body: 'still there' }]);
  });
});

test('a handler may return JSON without anything to publish', async () => {
  const application = new Application().message('/note', () => JSON.parse('{}'));
  const client = memoryBroker({}, { application }).connect();

  client.frame('SEND', { destination: '/app/note', receipt: 'r' });
  await turns();

  expect(client.take()).toMatchObject([{ command: 'RECEIPT' }]);
});

describe('SEND to a topic', () => {
  test('reaches its subscribers, the sender among them, with the headers it had', async () => {
    const broker = memoryBroker();
    const [ada, bob] = [broker.connect(), broker.connect()];
    ada.frame('SUBSCRIBE', { id: 'a', destination: '/topic/x' });
    bob.frame('SUBSCRIBE', { id: 'b', destination: '/topic/x' });

    ada.frame(
      'SEND',
      { destination: '/topic/x', 'content-type': 'text/plain', colour: 'r\\ced' },
      '안녕',
    );
    await turns();

    for (const [client, id] of [
      [ada, 'a'],
      [bob, 'b'],
    ] as const) {
      expect(client.take()).toEqual([
        {
          command: 'MESSAGE',
          headers: {
            subscription: id,
            destination: '/topic/x',
            'message-id': expect.stringMatching(/^[0-9a-z]+-\d+$/),
            'content-type': 'text/plain',
            colour: 'r:ed',
            'content-length': '6',
          },
          body: '안녕',
        },
      ]);
    }
  });

  test("keeps the broker's own header names to the broker", async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });

    client.frame('SEND', {
      destination: '/topic/x',
      'message-id': 'mine',
      subscription: 'other',
      ack: 'a',
      redelivered: 'true',
      login: 'me',
      passcode: 'secret',
      'x-stream-offset': '99',
      'x-recovered': 'true',
      'x-duplicate': 'true',
      mine: 'yes',
    });
    await turns();

    const [message] = client.take();
    expect(Object.keys(message?.headers ?? {}).sort()).toEqual([
      'destination',
      'message-id',
      'mine',
      'subscription',
    ]);
    expect(message?.headers['message-id']).not.toBe('mine');
    expect(message?.headers.subscription).toBe('1');
  });

  test('has positions where messages are kept, in MESSAGE and RECEIPT', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/kept/x' });

    client.frame('SEND', { destination: '/topic/kept/x', receipt: 'r1' }, 'one');
    client.frame('SEND', { destination: '/topic/kept/x', receipt: 'r2' }, 'two');
    await turns();

    const offsets = client
      .take()
      .map(({ command, headers }) => [command, headers['x-stream-offset']]);
    expect(offsets).toEqual([
      ['MESSAGE', '1'],
      ['MESSAGE', '2'],
      ['RECEIPT', '1'],
      ['RECEIPT', '2'],
    ]);
  });

  test('is published once when it is repeated with its deduplication id', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/kept/x' });
    const headers = { destination: '/topic/kept/x', 'x-deduplication-id': 'once' };

    client.frame('SEND', { ...headers, receipt: 'first' }, 'hi');
    client.frame('SEND', { ...headers, receipt: 'second' }, 'hi');
    await turns();

    const frames = client.take();
    expect(frames.filter(({ command }) => command === 'MESSAGE')).toHaveLength(1);
    const second = frames.find(({ headers: { 'receipt-id': id } }) => id === 'second');
    expect(second?.headers).toMatchObject({ 'x-stream-offset': '1', 'x-duplicate': 'true' });
  });

  test('is not kept when it is ephemeral', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/kept/x' });

    client.frame(
      'SEND',
      { destination: '/topic/kept/x', 'x-ephemeral': 'true', receipt: 'r' },
      'hi',
    );
    await turns();

    const [message, receipt] = client.take();
    expect(message?.headers['x-stream-offset']).toBeUndefined();
    expect(receipt?.headers['x-stream-offset']).toBeUndefined();
  });
});

describe('a refusal', () => {
  const application = new Application().message('/no', () => reject('NO', 'not today'));

  test('goes to the errors queue of the session that asked to be told', async () => {
    const client = memoryBroker({}, { application }).connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });

    client.frame('SEND', { destination: '/app/no', receipt: 'r' });
    await turns();

    const [message, ...rest] = client.take();
    expect(rest).toEqual([]);
    expect(message?.headers).toMatchObject({
      destination: '/user/queue/errors',
      subscription: 'errors',
      code: 'NO',
      'receipt-id': 'r',
      'content-type': 'application/json',
    });
    expect(JSON.parse(message?.body ?? '')).toEqual({
      code: 'NO',
      text: 'not today',
      destination: '/app/no',
      receiptId: 'r',
    });
    expect(client.closedWith).toBeNull();
  });

  test('is an ERROR, and the end, for a session that did not ask', async () => {
    const client = memoryBroker({}, { application }).connect();

    client.frame('SEND', { destination: '/app/no', receipt: 'r' });
    await turns();

    expect(client.take()[0]).toMatchObject({
      command: 'ERROR',
      headers: { code: 'NO', message: 'not today', 'receipt-id': 'r' },
    });
    expect(client.closedWith).toEqual({ code: 1008, reason: 'REFUSED' });
  });

  test('ends the connection again once the errors queue was unsubscribed', async () => {
    const client = memoryBroker({}, { application }).connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
    client.frame('UNSUBSCRIBE', { id: 'errors' });

    client.frame('SEND', { destination: '/app/no' });
    await turns();

    expect(client.closedWith?.reason).toBe('REFUSED');
  });
});

test.each([
  ['at once', () => undefined],
  ['later', () => turns(1)],
])(
  'a bug of a handler, %s, ends its own session, and the client is told nothing of it',
  async (_when, wait) => {
    const fail = () => {
      throw new TypeError('secret of the house');
    };
    const application = new Application().message('/bug', () => wait()?.then(fail) ?? fail());
    const broker = memoryBroker({}, { application });
    const [client, other] = [broker.connect(), broker.connect()];

    client.frame('SEND', { destination: '/app/bug', receipt: 'r' });
    await turns();

    const [error] = client.take();
    expect(error?.headers.code).toBe('INTERNAL');
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(client.closedWith?.code).toBe(1011);
    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(other.closedWith).toBeNull();
  },
);

test('a SEND that the engine refuses gets a refusal', async () => {
  const client = memoryBroker({ streamsMax: 1 }).connect();
  client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
  client.frame('SEND', { destination: '/topic/kept/x' });

  client.frame('SEND', { destination: '/topic/kept/y', receipt: 'r' });
  await turns();

  expect(client.take()[0]?.headers).toMatchObject({ code: 'STORE_FULL', 'receipt-id': 'r' });
  expect(client.closedWith).toBeNull();
});

test.each([
  ['/queue/*', 'UNKNOWN_DESTINATION'],
  ['/user/queue/errors', 'UNKNOWN_DESTINATION'],
  ['/user/bob/queue/errors', 'NOT_YOURS_TO_SEND'],
  ['/user/bob/queue/x', 'NO_USERS'],
  ['/user/%zz/queue/x', 'UNKNOWN_DESTINATION'],
  ['/topic/*', 'UNKNOWN_DESTINATION'],
  ['/elsewhere', 'UNKNOWN_DESTINATION'],
  ['/topicality', 'UNKNOWN_DESTINATION'],
  ['/app/nobody', 'NO_SUCH_DESTINATION'],
])('SEND to %s is refused with %s', async (destination, code) => {
  const client = memoryBroker().connect();

  client.frame('SEND', { destination, receipt: 'r' });
  await turns();

  expect(client.take()[0]?.headers).toMatchObject({ code, 'receipt-id': 'r' });
});
