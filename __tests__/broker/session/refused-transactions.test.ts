import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import type { Config } from '../../../broker/config.ts';
import type { Engine } from '../../../broker/engine/engine.ts';
import { bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

const IN_T = { transaction: 't' };

/** Side effects of handlers that must not happen if a transaction fails. */
const done: string[] = [];
const application = new Application()
  .message('/ok', () => ({
    publish: [sendTo('/topic/x', 'ok'), sendTo('/queue/x', 'ok')],
    committed: () => done.push('ok'),
  }))
  .message('/no', () => reject('NO', 'not today'))
  .message('/later-no', async () => {
    await turns(1);
    return reject('NO', 'not today');
  })
  .message('/bug', () => {
    throw new TypeError('a bug');
  })
  .message('/nowhere', () => ({
    publish: [sendTo('/queue/x', 'ok'), sendTo('/elsewhere', 'nobody')],
  }));

/**
 * A client with a transaction that holds an ACK, two valid SENDs, and the frames of the test. The
 * queue has room for those two only, so that an unreleased reservation is noticed.
 */
async function prepared(settings: Partial<Config> = {}, engine?: Engine) {
  done.length = 0;
  const options = { application, ...(engine === undefined ? {} : { engine }) };
  const broker = memoryBroker({ queueCount: 2, ...settings }, options);
  const [client, listener] = [broker.connect(), broker.connect()];
  client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
  client.frame('SUBSCRIBE', { id: 'in', destination: '/queue/in', ack: 'client-individual' });
  listener.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
  send(listener, '/queue/in', 'work');
  await turns();
  const [work] = messagesOf(client);
  if (work === undefined) throw new Error('there is no message');
  client.frame('BEGIN', IN_T).frame('ACK', { ...nameOf(work), ...IN_T });
  sendInT(client, '/app/ok');
  sendInT(client, '/queue/x', 'direct');
  return { broker, client, listener, work };
}

function sendInT(client: MemoryTransport, destination: string, body = ''): void {
  client.frame('SEND', { ...IN_T, destination }, body);
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** Expects that nothing was published or acknowledged, and that all reservations were released. */
async function expectNothingDone({ broker, client, listener }: Prepared): Promise<void> {
  expect(await bodiesOf(listener)).toEqual([]);
  expect(done).toEqual([]);
  client.lose();
  await turns();
  expect(broker.parts.queues.size).toBe(1);
  listener.frame('SUBSCRIBE', { id: 'in', destination: '/queue/in' });
  expect(await bodiesOf(listener)).toEqual(['work']);
  send(listener, '/queue/x', 'room', 'enough');
  await turns();
  expect(listener.closedWith).toBeNull();
}

describe('a transaction of which one SEND is refused', () => {
  test.each([
    ['/app/no', 'NO'],
    ['/app/later-no', 'NO'],
    ['/app/nobody', 'NO_SUCH_DESTINATION'],
    ['/queue/x', 'QUEUE_FULL'],
    ['/user/ada/queue/x', 'NO_USERS'],
  ])(
    'has no effect, and the refusal names COMMIT and destination: %s',
    async (destination, code) => {
      const transaction = await prepared();
      const { client } = transaction;
      sendInT(client, destination);
      sendInT(client, '/app/ok');

      client.frame('COMMIT', { ...IN_T, receipt: 'r' });
      await turns();

      const [refusal, ...more] = client.take();
      expect(refusal?.headers).toMatchObject({ code, 'receipt-id': 'r', subscription: 'errors' });
      expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ code, destination, receiptId: 'r' });
      expect(more).toEqual([]);
      expect(client.closedWith).toBeNull();
      await expectNothingDone(transaction);
    },
  );

  test('is over: its id may begin another one, and its ACK may be made again', async () => {
    const { client, listener, work } = await prepared();
    sendInT(client, '/app/no');
    client.frame('COMMIT', IN_T);
    await turns();
    client.take();

    client.frame('BEGIN', IN_T).frame('ACK', { ...nameOf(work), ...IN_T });
    sendInT(client, '/topic/x', 'again');
    client.frame('COMMIT', { ...IN_T, receipt: 'r' });

    expect(await bodiesOf(listener)).toEqual(['again']);
    expect(client.take()).toMatchObject([{ headers: { 'receipt-id': 'r' } }]);
  });

  test('ends a session that does not listen to its errors', async () => {
    const transaction = await prepared();
    const { client } = transaction;
    client.frame('UNSUBSCRIBE', { id: 'errors' });
    sendInT(client, '/app/no');

    client.frame('COMMIT', { ...IN_T, receipt: 'r' });
    await turns();

    expect(client.take()).toMatchObject([{ headers: { code: 'NO', 'receipt-id': 'r' } }]);
    expect(client.closedWith?.reason).toBe('REFUSED');
    await expectNothingDone(transaction);
  });
});

describe('a transaction that cannot be carried out', () => {
  test.each([
    ['a bug of a handler', '/app/bug', 'INTERNAL'],
    ['a handler that publishes nowhere', '/app/nowhere', 'INTERNAL'],
    ['a SEND to nowhere', '/elsewhere', 'UNKNOWN_DESTINATION'],
    ['a SEND to a pattern', '/topic/*', 'UNKNOWN_DESTINATION'],
  ])('for %s has no effect, and is the end', async (_why, destination, code) => {
    // One place more than the others need, because this handler reserves it before it fails.
    const transaction = await prepared({ queueCount: 3 });
    const { broker, client } = transaction;
    sendInT(client, destination);

    client.frame('COMMIT', { ...IN_T, receipt: 'r' });
    await turns();

    expect(client.take()).toMatchObject([
      { command: 'ERROR', headers: { code, 'receipt-id': 'r' } },
    ]);
    expect(broker.ended).toHaveLength(1);
    await expectNothingDone(transaction);
  });

  test.each(['ACK', 'NACK'])('for an %s that names nothing has no effect', async (command) => {
    const transaction = await prepared();
    const { client } = transaction;
    client.frame(command, { ...IN_T, id: '9-9' });

    client.frame('COMMIT', { ...IN_T, receipt: 'r' });
    await turns();

    const code = 'NO_SUCH_DELIVERY';
    expect(client.take()).toMatchObject([{ headers: { code, 'receipt-id': 'r' } }]);
    await expectNothingDone(transaction);
  });

  test('for an ACK that was made outside of it meanwhile publishes nothing', async () => {
    const { client, listener, work } = await prepared();
    client.frame('ACK', nameOf(work));

    client.frame('COMMIT', IN_T);

    expect(await bodiesOf(listener)).toEqual([]);
    expect(client.take()).toMatchObject([{ headers: { code: 'NO_SUCH_DELIVERY' } }]);
  });
});

describe('a transaction that the engine refuses', () => {
  test('has no effect, and is told in its turn', async () => {
    const { engine, waiting } = slowEngine();
    const transaction = await prepared({}, engine);
    const { client } = transaction;
    client.frame('COMMIT', { ...IN_T, receipt: 'r' });
    client.frame('BEGIN', { transaction: 'u', receipt: 'later' });
    await turns();

    const before = client.take();
    waiting.shift()?.settle({ type: 'refused', code: 'STORE_FULL', text: 'full' });
    await turns();

    expect(before).toEqual([]);
    expect(client.take().map(({ headers }) => [headers.code, headers['receipt-id']])).toEqual([
      ['STORE_FULL', 'r'],
      [undefined, 'later'],
    ]);
    await expectNothingDone(transaction);
  });

  test('gives back what it acknowledged, though its subscription has ended', async () => {
    const { engine, waiting } = slowEngine();
    const transaction = await prepared({}, engine);
    const { client } = transaction;
    client.frame('COMMIT', IN_T);
    await turns();
    client.frame('UNSUBSCRIBE', { id: 'in' });

    waiting.shift()?.settle({ type: 'refused', code: 'STORE_FULL', text: 'full' });
    await turns();

    await expectNothingDone(transaction);
  });
});

test('a handler that publishes to a queue and then nowhere leaves the queue its room', async () => {
  const broker = memoryBroker({ queueCount: 1 }, { application });

  for (let time = 0; time < 3; time += 1) send(broker.connect(), '/app/nowhere', '');
  await turns();

  expect(broker.parts.queues.size).toBe(0);
});
