import { describe, expect, test } from '@jest/globals';
import { queuesHarness, turnEnds } from './queues-harness.ts';
import { TestConsumer } from './test-consumer.ts';

const HERE = { address: '192.0.2.1' };
const ELSEWHERE = { address: '192.0.2.2' };

describe('the queues that somebody makes', () => {
  test('are bounded for each session', () => {
    const { sessionOf } = queuesHarness({ queuesPerSessionMax: 2 });
    const [one, other] = [sessionOf(HERE), sessionOf(HERE)];

    const made = ['a', 'b', 'c'].map((name) => one.put(`/queue/${name}`, '1'));
    const subscribed = one.subscribe('/queue/d', new TestConsumer());

    expect(made).toEqual(['put', 'put', 'TOO_MANY_QUEUES']);
    expect(subscribed).toBe('TOO_MANY_QUEUES');
    // It may send to queues that exist, and its address may have more of them.
    expect(one.put('/queue/a', '2')).toBe('put');
    expect(other.put('/queue/c', '1')).toBe('put');
  });

  test('are bounded for each address, also over sessions that have ended', () => {
    const { queues, sessionOf } = queuesHarness({ queuesPerAddressMax: 3 });
    const makes = (client: object) =>
      [1, 2, 3, 4, 5].map((at) => sessionOf(client).put(`/queue/${queues.size}/${at}`, '1'));

    expect(makes(HERE).filter((made) => made === 'put')).toHaveLength(3);
    expect(makes(HERE)[0]).toBe('TOO_MANY_QUEUES');
    expect(makes(ELSEWHERE).filter((made) => made === 'put')).toHaveLength(3);
  });

  test('count for the user, wherever that comes from', () => {
    const { sessionOf } = queuesHarness({ queuesPerAddressMax: 1 });

    const made = [
      sessionOf({ ...HERE, user: 'Kim' }).put('/queue/a', '1'),
      sessionOf({ ...ELSEWHERE, user: 'Kim' }).put('/queue/b', '1'),
      sessionOf({ ...HERE, user: 'Lee' }).put('/queue/b', '1'),
      sessionOf(HERE).put('/queue/c', '1'),
    ];

    expect(made).toEqual(['put', 'TOO_MANY_QUEUES', 'put', 'put']);
  });

  test('count no more when they are forgotten', async () => {
    const { queues, sessionOf } = queuesHarness({ queuesPerAddressMax: 1, queuesPerSessionMax: 1 });
    const session = sessionOf(HERE);
    for (const name of ['/queue/a', '/queue/b', '/queue/c']) {
      expect(session.put(name, '1')).toBe('put');
      const consumer = new TestConsumer(1, true);
      const queue = session.subscribe(name, consumer);
      await turnEnds();
      if (typeof queue !== 'string') consumer.leave(queue);
    }

    expect(queues.size).toBe(0);
    expect(session.put('/queue/d', '1')).toBe('put');
  });

  test('count when what is in them dies', async () => {
    const limits = { queuesPerAddressMax: 3, queueDeliveriesMax: 1 };
    const { queues, sessionOf } = queuesHarness(limits);
    const session = sessionOf(HERE);
    let put = 0;
    for (let at = 0; at < 9; at += 1) {
      if (session.put(`/queue/${at}`, '1') !== 'put') continue;
      put += 1;
      const consumer = new TestConsumer();
      const queue = session.subscribe(`/queue/${at}`, consumer);
      await turnEnds();
      if (typeof queue !== 'string') consumer.leave(queue);
    }

    expect(put).toBe(3);
    expect(queues.size).toBe(3);
  });

  test('have no limit but that of all where the server makes them', () => {
    const { putAs } = queuesHarness({ queuesPerAddressMax: 1, queuesPerSessionMax: 1 });

    const made = ['a', 'b', 'c'].map((name) => putAs(null, `/queue/${name}`, ['1']));

    expect(made).toEqual(['put', 'put', 'put']);
  });
});

describe('the bytes that somebody sends', () => {
  test('are bounded for each session, over all queues', () => {
    const { sessionOf } = queuesHarness({ queueBytesPerSession: 4 });
    const [one, other] = [sessionOf(HERE), sessionOf(HERE)];

    expect(one.put('/queue/a', '12')).toBe('put');
    expect(one.put('/queue/b', '123')).toBe('QUEUE_FULL');
    expect(one.put('/queue/b', '12')).toBe('put');
    expect(other.put('/queue/a', '1234')).toBe('put');
  });

  test('are bounded for each address, also over sessions that have ended', () => {
    const { sessionOf } = queuesHarness({ queueBytesPerAddress: 4 });

    expect(sessionOf(HERE).put('/queue/a', '123')).toBe('put');
    expect(sessionOf(HERE).put('/queue/a', '12')).toBe('QUEUE_FULL');
    expect(sessionOf(ELSEWHERE).put('/queue/a', '1234')).toBe('put');
  });

  test('count until the message is acknowledged, not until it is handed out', async () => {
    const { sessionOf, subscribe } = queuesHarness({ queueBytesPerSession: 1 });
    const session = sessionOf(HERE);
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    session.put('/queue/a', '1');
    await turnEnds();

    const before = session.put('/queue/a', '2');
    consumer.acknowledge(queue);

    expect([before, session.put('/queue/a', '2')]).toEqual(['QUEUE_FULL', 'put']);
  });

  test('count when the message has died', async () => {
    const limits = { queueBytesPerSession: 1, queueDeliveriesMax: 1 };
    const { sessionOf, subscribe } = queuesHarness(limits);
    const session = sessionOf(HERE);
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    session.put('/queue/a', '1');
    await turnEnds();
    consumer.reject(queue);
    await turnEnds();

    const before = session.put('/queue/a', '2');
    const mourner = new TestConsumer(1, true);
    subscribe('/queue/dead/a', mourner);
    await turnEnds();

    expect(mourner.bodies).toEqual(['1']);
    expect([before, session.put('/queue/a', '2')]).toEqual(['QUEUE_FULL', 'put']);
  });

  test('count in the memory of all', async () => {
    const { put, queues, subscribe } = queuesHarness({}, 3);

    expect([put('/queue/a', '12'), put('/queue/b', '12')]).toEqual(['put', 'QUEUE_FULL']);
    expect(queues.bytes).toBe(2);
    expect(queues.size).toBe(1);
    subscribe('/queue/a', new TestConsumer(9, true));
    await turnEnds();

    expect(queues.bytes).toBe(0);
    expect(put('/queue/b', '12')).toBe('put');
  });
});

describe('a queue that nobody uses', () => {
  const LIMITS = { queueExpireMs: 1_000 };

  test('is kept for ever by default', () => {
    const { clock, put, queues } = queuesHarness();
    put('/queue/a', '1');

    clock.advance(1_000_000_000);

    expect(queues.size).toBe(1);
    expect(clock.taskCount).toBe(0);
  });

  test('is dropped with its messages after a while, and logged', () => {
    const { clock, log, put, queues } = queuesHarness(LIMITS);
    put('/queue/a', '1', '2');
    put('/queue/b', '3');

    clock.advance(999);
    const before = queues.size;
    clock.advance(501);

    expect([before, queues.size, queues.bytes]).toEqual([2, 0, 0]);
    expect(log.lines).toMatchObject([{ fields: { messages: 3, queues: 2 } }]);
  });

  test('is kept while somebody sends to it, or consumes', async () => {
    const { clock, put, queues, subscribe } = queuesHarness(LIMITS);
    const consumer = new TestConsumer(0);
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    put('/queue/b', '1');
    for (let at = 0; at < 10; at += 1) {
      clock.advance(500);
      put('/queue/b', '1');
    }
    const used = queues.size;

    consumer.leave(queue);
    clock.advance(999);
    const left = queues.size;
    clock.advance(600);

    expect([used, left, queues.size]).toEqual([2, 2, 0]);
  });

  test('takes what waits after a NACK with it', async () => {
    const { clock, put, queues, subscribe } = queuesHarness({ ...LIMITS, queueRetryMs: 60_000 });
    const consumer = new TestConsumer(1);
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    await turnEnds();
    consumer.window = 0;
    consumer.reject(queue);
    consumer.leave(queue);

    clock.advance(2_000);
    await turnEnds();

    expect([queues.size, queues.bytes]).toEqual([0, 0]);
    clock.advance(100_000);
    expect(queues.size).toBe(0);
  });

  test('stays for the messages that are still to come, and is empty', async () => {
    const { clock, messageOf, put, queues, subscribe } = queuesHarness(LIMITS);
    const reserved = queues.reserve('/queue/a', messageOf('late'), null);
    put('/queue/a', 'early');

    clock.advance(2_000);
    const consumer = new TestConsumer();
    if (typeof reserved !== 'string') reserved.put();
    subscribe('/queue/a', consumer);
    await turnEnds();

    expect(consumer.bodies).toEqual(['late']);
  });

  test('never expires if it holds the dead', () => {
    const { clock, put, queues } = queuesHarness(LIMITS);
    put('/queue/dead/a', '1');

    clock.advance(1_000_000);

    expect(queues.size).toBe(1);
  });

  test('is not looked for once all stops', () => {
    const { clock, put, queues } = queuesHarness(LIMITS);
    put('/queue/a', '1');
    queues.stop();

    expect(clock.taskCount).toBe(0);
  });
});

test('nobody is remembered who has nothing in the queues', async () => {
  const { queues, sessionOf, subscribe } = queuesHarness();
  for (let at = 0; at < 50; at += 1) sessionOf({ address: `192.0.2.${at}` }).put('/queue/a', '1');
  const before = queues.clients;
  const consumer = new TestConsumer(99, true);
  const queue = subscribe('/queue/a', consumer);
  await turnEnds();
  consumer.leave(queue);

  expect([before, queues.clients, queues.size]).toEqual([50, 0, 0]);
});
