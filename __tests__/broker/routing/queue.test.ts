import { describe, expect, test } from '@jest/globals';
import type { Queued } from '../../../broker/routing/consumer.ts';
import { queuesHarness, turnEnds } from './queues-harness.ts';
import { TestConsumer } from './test-consumer.ts';

/** Counts from now on how often the sequence of any of these messages is read. */
function countReads(messages: readonly Queued[]): { count: number } {
  const reads = { count: 0 };
  for (const queued of messages) {
    const { sequence } = queued;
    Object.defineProperty(queued, 'sequence', {
      get: () => {
        reads.count += 1;
        return sequence;
      },
    });
  }
  return reads;
}

describe('a queue', () => {
  test('gives each message to one consumer, in turn', async () => {
    const { put, subscribe } = queuesHarness();
    const [ada, bob] = [new TestConsumer(), new TestConsumer()];
    for (const consumer of [ada, bob]) subscribe('/queue/a', consumer);

    put('/queue/a', '1', '2', '3', '4', '5');
    await turnEnds();

    expect(ada.bodies).toEqual(['1', '3', '5']);
    expect(bob.bodies).toEqual(['2', '4']);
  });

  test('writes what came in one turn at once', async () => {
    const { put, subscribe } = queuesHarness();
    const consumer = new TestConsumer();
    subscribe('/queue/a', consumer);

    put('/queue/a', '1', '2', '3');
    await turnEnds();

    expect(consumer.bodies).toEqual(['1', '2', '3']);
    expect(consumer.flushes).toBe(1);
  });

  test('keeps what comes while nobody is there', async () => {
    const { put, subscribe } = queuesHarness();
    put('/queue/a', '1', '2');
    await turnEnds();

    const consumer = new TestConsumer();
    subscribe('/queue/a', consumer);
    await turnEnds();

    expect(consumer.bodies).toEqual(['1', '2']);
  });

  test('passes over a consumer without room until it says that it has some', async () => {
    const { put, subscribe } = queuesHarness();
    const [narrow, wide] = [new TestConsumer(1), new TestConsumer()];
    const queue = subscribe('/queue/a', narrow);
    subscribe('/queue/a', wide);

    put('/queue/a', '1', '2', '3', '4');
    await turnEnds();
    narrow.acknowledge(queue);
    put('/queue/a', '5', '6');
    await turnEnds();

    expect(narrow.bodies).toHaveLength(2);
    expect([...narrow.bodies, ...wide.bodies].sort()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('goes on by itself where a consumer has room again after its write', async () => {
    const { put, subscribe } = queuesHarness();
    const consumer = new TestConsumer(Number.POSITIVE_INFINITY, true);
    consumer.unflushedMax = 2;
    subscribe('/queue/a', consumer);

    put('/queue/a', '1', '2', '3', '4', '5');
    for (let turn = 0; turn < 3; turn += 1) await turnEnds();

    expect(consumer.bodies).toEqual(['1', '2', '3', '4', '5']);
  });

  test('gives what a consumer left behind to another one, before what is newer', async () => {
    const { put, subscribe } = queuesHarness();
    const [gone, other] = [new TestConsumer(2), new TestConsumer()];
    const queue = subscribe('/queue/a', gone);
    put('/queue/a', '1', '2', '3');
    await turnEnds();

    gone.leave(queue);
    subscribe('/queue/a', other);
    await turnEnds();

    expect(other.bodies).toEqual(['1', '2', '3']);
    expect(other.open.map(({ deliveries }) => deliveries)).toEqual([2, 2, 1]);
  });

  test('puts what several left behind in the order in which it came', async () => {
    const { put, subscribe } = queuesHarness();
    const leaving = [new TestConsumer(2), new TestConsumer(2)];
    const queues = leaving.map((consumer) => subscribe('/queue/a', consumer));
    put('/queue/a', '1', '2', '3', '4', '5');
    await turnEnds();

    for (const [at, queue] of [...queues.entries()].reverse()) leaving[at]?.leave(queue);
    const last = new TestConsumer();
    subscribe('/queue/a', last);
    await turnEnds();

    expect(last.bodies).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('windows that come back in the other order', () => {
  test('cost no more than a look for the place of each message', async () => {
    const { put, subscribe } = queuesHarness({ queueCount: 40_000 });
    const [first, second] = [new TestConsumer(20_000), new TestConsumer(20_000)];
    const bodies = Array.from({ length: 20_000 }, (_, at) => String(at));
    const queue = subscribe('/queue/a', first);
    put('/queue/a', ...bodies);
    await turnEnds();
    subscribe('/queue/a', second);
    put('/queue/a', ...bodies);
    await turnEnds();
    const reads = countReads([...first.open, ...second.open]);
    second.leave(queue);

    first.leave(queue);

    // A binary search reads sixteen sequences for each of 40,000 messages, and the message's own each
    // time. A linear one would read 800,000,000.
    expect(reads.count).toBeGreaterThan(40_000);
    expect(reads.count).toBeLessThan(40_000 * 2 * 16);
  });
});

describe('a rejected message', () => {
  test('goes at once to another consumer that has room', async () => {
    const { put, subscribe } = queuesHarness();
    const [first, second] = [new TestConsumer(1), new TestConsumer(1)];
    const queue = subscribe('/queue/a', first);
    put('/queue/a', '1');
    await turnEnds();
    subscribe('/queue/a', second);

    first.reject(queue);

    expect(second.bodies).toEqual(['1']);
    expect(second.open[0]?.deliveries).toBe(2);
  });

  test('comes back to the only consumer after a delay that doubles up to a minute', async () => {
    const { clock, put, subscribe } = queuesHarness();
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    await turnEnds();

    const waited: number[] = [];
    for (let retry = 0; retry < 9; retry += 1) {
      consumer.reject(queue);
      const from = clock.now();
      while (consumer.open.length === 0) {
        clock.advance(500);
        await turnEnds();
      }
      waited.push((clock.now() - from) / 1_000);
    }

    expect(waited).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('does not hold up those behind it while it waits', async () => {
    const { clock, put, subscribe } = queuesHarness();
    const consumer = new TestConsumer(1);
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1', '2');
    await turnEnds();

    consumer.reject(queue);
    await turnEnds();
    consumer.acknowledge(queue);
    clock.advance(1_000);
    await turnEnds();

    expect(consumer.bodies).toEqual(['1', '2', '1']);
  });

  test('keeps its queue while it waits, though nobody is there', async () => {
    const { clock, put, queues, subscribe } = queuesHarness();
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    await turnEnds();

    consumer.reject(queue);
    consumer.leave(queue);
    clock.advance(1_000);
    const late = new TestConsumer();
    subscribe('/queue/a', late);
    await turnEnds();

    expect(queues.size).toBe(1);
    expect(late.bodies).toEqual(['1']);
  });

  test('is tried no more when all queues have stopped', async () => {
    const { clock, put, queues, subscribe } = queuesHarness();
    const consumer = new TestConsumer();
    const queue = subscribe('/queue/a', consumer);
    put('/queue/a', '1');
    await turnEnds();
    consumer.reject(queue);

    queues.stop();

    expect(clock.taskCount).toBe(0);
  });
});
