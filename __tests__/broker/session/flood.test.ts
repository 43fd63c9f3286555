import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { frameText } from '../../support/frame-text.ts';
import { type MemoryBroker, memoryBroker } from '../../support/memory-broker.ts';
import type { ReceivedFrame } from '../../support/parse-frames.ts';
import { turns } from '../../support/turns.ts';

const FRAMES = 200;

/** A broker where each SEND to `/app/work` takes a millisecond. */
function busyBroker() {
  const handled: string[] = [];
  const held: { broker: MemoryBroker | null } = { broker: null };
  const application = new Application()
    .message('/work', () => {
      held.broker?.clock.advance(1);
      handled.push('work');
      return { publish: [] };
    })
    .message('/light', () => {
      handled.push('light');
      return { publish: [] };
    })
    .closed(() => handled.push('closed'));
  const broker = memoryBroker({ appendsMax: 10_000 }, { application });
  held.broker = broker;
  return { broker, handled };
}

function manyFrames(count = FRAMES): string {
  return Array.from({ length: count }, (_, at) =>
    frameText('SEND', { destination: '/app/work', receipt: `${at}` }),
  ).join('');
}

const receipts = (frames: readonly ReceivedFrame[]) =>
  frames.map(({ headers }) => headers['receipt-id']);

describe('a session that sends many frames at once', () => {
  test('lets others have their turn after a few of them', async () => {
    const { broker, handled } = busyBroker();
    const [flood, other] = [broker.connect(), broker.connect()];

    flood.say(manyFrames());
    other.frame('SEND', { destination: '/app/light', receipt: 'r' });

    expect(handled.indexOf('light')).toBeGreaterThan(0);
    expect(handled.indexOf('light')).toBeLessThanOrEqual(8);
    expect(receipts(other.take())).toEqual(['r']);
    await turns(FRAMES);
    expect(handled).toHaveLength(FRAMES + 1);
  });

  test('gets its replies in order, each once', async () => {
    const { broker } = busyBroker();
    const flood = broker.connect();

    flood.say(manyFrames());
    await turns(FRAMES);

    const expected = Array.from({ length: FRAMES }, (_, at) => `${at}`);
    expect(receipts(flood.take())).toEqual(expected);
  });

  test('is not read further while much of its input waits', async () => {
    const { broker } = busyBroker();
    const flood = broker.connect();

    flood.say(manyFrames(1_000));
    expect(flood.isPaused).toBe(true);

    await turns(1_000);
    expect(flood.isPaused).toBe(false);
    expect(flood.take()).toHaveLength(1_000);
  });

  test('has all of it handled if its connection is lost meanwhile', async () => {
    const { broker, handled } = busyBroker();
    const flood = broker.connect();

    flood.say(manyFrames()).lose();
    expect(handled.length).toBeLessThan(FRAMES);
    await turns(FRAMES);

    expect(handled).toHaveLength(FRAMES + 1);
    expect(handled.at(-1)).toBe('closed');
    expect(broker.ended).toHaveLength(1);
  });

  test('has no frame handled that follows its DISCONNECT', async () => {
    const { broker, handled } = busyBroker();
    const flood = broker.connect();

    flood.say(manyFrames(20) + frameText('DISCONNECT', { receipt: 'bye' }) + manyFrames());
    await turns(FRAMES);

    expect(handled).toHaveLength(20 + 1);
    expect(receipts(flood.take()).at(-1)).toBe('bye');
  });

  test('is not given up for the silence while it waits for its turn', async () => {
    const { broker } = busyBroker();
    const flood = broker.connect({ 'heart-beat': '1000,0' });

    flood.say(manyFrames());
    broker.clock.advance(60_000);

    expect(flood.closedWith).toBeNull();
    await turns(FRAMES);
  });
});

test('a hundred sessions that flood take turns, and each gets as far as the others', async () => {
  const { broker, handled } = busyBroker();
  const flood = Array.from({ length: 100 }, () => broker.connect());
  for (const one of flood) one.say(manyFrames(64));

  await turns(100);
  const replies = flood.map((one) => one.take().length);

  expect(handled.length).toBeLessThan(100 * 64);
  expect(Math.max(...replies) - Math.min(...replies)).toBeLessThanOrEqual(24);
  await turns(1_000);
  expect(handled).toHaveLength(100 * 64);
});

test('the COMMIT of a large transaction lets others have their turn', async () => {
  const { broker, handled } = busyBroker();
  const [large, other] = [broker.connect(), broker.connect()];
  large.frame('BEGIN', { transaction: 't' });
  for (let count = 0; count < FRAMES; count += 1) {
    large.frame('SEND', { destination: '/app/work', transaction: 't' });
  }

  large.frame('COMMIT', { transaction: 't', receipt: 'done' });
  await turns(2);
  other.frame('SEND', { destination: '/app/light', receipt: 'r' });

  expect(handled.indexOf('light')).toBeGreaterThan(0);
  expect(handled.length).toBeLessThan(FRAMES / 2);
  await turns(FRAMES);
  expect(handled).toHaveLength(FRAMES + 1);
  expect(receipts(large.take())).toEqual(['done']);
});

test('the end of a session with many subscriptions lets others have their turn', async () => {
  const broker = memoryBroker();
  const client = broker.connect();
  for (let count = 0; count < 1_000; count += 1) {
    client.frame('SUBSCRIBE', { id: `${count}`, destination: `/topic/${count}` });
  }
  const removed: string[] = [];
  const remove = broker.index.remove.bind(broker.index);
  broker.index.remove = (subscription) => {
    broker.clock.advance(1);
    removed.push(subscription.topic);
    remove(subscription);
  };

  client.lose();
  expect(broker.ended).toHaveLength(1);
  expect(removed.length).toBeLessThanOrEqual(8);

  await turns(1_000);
  expect(removed).toHaveLength(1_000);
  expect(broker.index.has('/topic/999')).toBe(false);
});
