import { describe, expect, test } from '@jest/globals';
import { queuesHarness, turnEnds } from './queues-harness.ts';
import { TestConsumer } from './test-consumer.ts';

describe('queues', () => {
  test('keep names with a slash and with a dot apart', async () => {
    const { put, subscribe } = queuesHarness();
    const [slash, dot] = [new TestConsumer(), new TestConsumer()];
    subscribe('/queue/a/b', slash);
    subscribe('/queue/a.b', dot);

    put('/queue/a/b', 'slash');
    put('/queue/a.b', 'dot');
    await turnEnds();

    expect([slash.bodies, dot.bodies]).toEqual([['slash'], ['dot']]);
  });

  test.each([
    ['messages', { queueCount: 2 }],
    ['bytes', { queueBytes: 2 }],
    ['bytes of all queues', { queueMemoryBytes: 2 }],
  ])(
    'refuse one more message than they may have %s, until there is room',
    async (_what, limits) => {
      const { put, subscribe } = queuesHarness(limits);
      const consumer = new TestConsumer();
      const queue = subscribe('/queue/a', consumer);
      put('/queue/a', '1', '2');
      await turnEnds();

      const full = put('/queue/a', '3');
      consumer.acknowledge(queue);
      const again = put('/queue/a', '3');

      expect([full, again]).toEqual(['QUEUE_FULL', 'put']);
    },
  );

  test('count what is only reserved, and give it back when it is given up', () => {
    const { messageOf, put, queues } = queuesHarness({ queueCount: 1 });
    const reserved = queues.reserve('/queue/a', messageOf('1'), null);

    const full = put('/queue/a', '2');
    if (typeof reserved !== 'string') reserved.cancel();

    expect(full).toBe('QUEUE_FULL');
    expect(queues.size).toBe(0);
    expect(put('/queue/a', '2')).toBe('put');
  });

  test('leave nothing of a queue that was refused its first message', () => {
    const { put, queues } = queuesHarness({ queueBytes: 2 });

    expect(put('/queue/a', 'too long')).toBe('QUEUE_FULL');
    expect(queues.size).toBe(0);
  });

  test('are bounded in number, and an idle one makes room for another', async () => {
    const { ANYONE, put, queues, subscribe } = queuesHarness({ queuesMax: 2 });
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    put('/queue/b', '1');

    const refused = [
      put('/queue/c', '1'),
      queues.subscribe('/queue/d', new TestConsumer(), ANYONE),
    ];
    consumer.leave(queue);
    const taken = put('/queue/c', '1');

    expect(refused).toEqual(['TOO_MANY_QUEUES', 'TOO_MANY_QUEUES']);
    expect(taken).toBe('put');
  });

  test('are forgotten with their last message, if nobody is there', async () => {
    const { put, queues, subscribe } = queuesHarness();
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    await turnEnds();

    const open = consumer.open.splice(0);
    queue.remove(consumer, open);
    const sizeWithMessage = queues.size;
    const last = new TestConsumer(1, true);
    const again = subscribe('/queue/a', last);
    await turnEnds();
    last.leave(again);

    expect(sizeWithMessage).toBe(1);
    expect(last.bodies).toEqual(['1']);
    expect(queues.size).toBe(0);
  });

  test('keep the new queue of a name whose old one was forgotten in the same turn', async () => {
    const { put, subscribe } = queuesHarness();
    const [hasty, steady] = [new TestConsumer(), new TestConsumer()];
    hasty.leave(subscribe('/queue/a', hasty));

    subscribe('/queue/a', steady);
    await turnEnds();
    put('/queue/a', '1');
    await turnEnds();

    expect(steady.bodies).toEqual(['1']);
  });
});

describe('the dead', () => {
  /** Delivers a message so often that it goes to the dead-letter queue. */
  async function kill(harness: ReturnType<typeof queuesHarness>, destination: string) {
    const consumer = new TestConsumer(1);
    const queue = harness.subscribe(destination, consumer);
    await turnEnds();
    consumer.reject(queue);
    consumer.leave(queue);
    await turnEnds();
  }

  test('stand in a queue of their own after the last delivery, as they were', async () => {
    const harness = queuesHarness({ queueDeliveriesMax: 3 });
    const [one, two] = [new TestConsumer(1), new TestConsumer(1)];
    const queue = harness.subscribe('/queue/a/b', one);
    harness.put('/queue/a/b', '1');
    await turnEnds();
    harness.subscribe('/queue/a/b', two);
    const id = one.open[0]?.id;

    one.reject(queue);
    two.reject(queue);
    one.reject(queue);
    const mourner = new TestConsumer();
    harness.subscribe('/queue/dead/a/b', mourner);
    await turnEnds();

    expect(mourner.bodies).toEqual(['1']);
    expect(mourner.open[0]).toMatchObject({ id, deliveries: 1 });
    expect(harness.put('/queue/a/b', '2')).toBe('put');
  });

  test('are those as well whose consumers were lost each time', async () => {
    const harness = queuesHarness({ queueDeliveriesMax: 2 });
    harness.put('/queue/a', '1');
    for (let loss = 0; loss < 2; loss += 1) {
      const consumer = new TestConsumer();
      const queue = harness.subscribe('/queue/a', consumer);
      await turnEnds();
      consumer.leave(queue);
    }

    const mourner = new TestConsumer();
    harness.subscribe('/queue/dead/a', mourner);
    await turnEnds();

    expect(mourner.bodies).toEqual(['1']);
    expect(harness.queues.size).toBe(1);
  });

  test('are the newest of them, when there are too many', async () => {
    const harness = queuesHarness({ queueCount: 2, queueDeliveriesMax: 1 });
    for (const body of ['1', '2', '3']) {
      harness.put('/queue/a', body);
      await kill(harness, '/queue/a');
    }

    const mourner = new TestConsumer();
    harness.subscribe('/queue/dead/a', mourner);
    await turnEnds();

    expect(mourner.bodies).toEqual(['2', '3']);
  });

  test('do not die again', async () => {
    const harness = queuesHarness({ queueDeliveriesMax: 1 });
    harness.put('/queue/dead/a', '1');

    for (let time = 0; time < 3; time += 1) {
      await kill(harness, '/queue/dead/a');
      harness.clock.advance(60_000);
    }
    const mourner = new TestConsumer();
    harness.subscribe('/queue/dead/a', mourner);
    await turnEnds();

    expect(mourner.bodies).toEqual(['1']);
    expect(mourner.open[0]?.deliveries).toBe(4);
  });

  test.each([
    ['all places are with a consumer', { queueCount: 1 }],
    ['there may be no more queues', { queuesMax: 2 }],
  ])('are logged where %s', async (_why, limits) => {
    const harness = queuesHarness({ queueDeliveriesMax: 1, ...limits });
    const inTheWay = 'queuesMax' in limits ? '/queue/other' : '/queue/dead/a';
    harness.subscribe(inTheWay, new TestConsumer());
    harness.put(inTheWay, 'in the way');
    harness.put('/queue/a', '1');

    await kill(harness, '/queue/a');

    expect(harness.log.lines.map(({ text }) => text)).toEqual([
      'a message was delivered too often',
      'the dead-letter queue had no room for a message',
    ]);
  });
});
