import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../../broker/application/application.ts';
import { reject } from '../../../../broker/application/rejection.ts';
import type { Config } from '../../../../broker/config.ts';
import { memoryBroker } from '../../../support/memory-broker.ts';
import type { MemoryTransport } from '../../../support/memory-transport.ts';
import { turns } from '../../../support/turns.ts';

const ERRORS = '/user/queue/errors';

const application = new Application()
  .message('/no', () => reject('NO', 'never'))
  .message('/fast', () => reject('RATE_LIMITED', 'too many messages in a short time'));

function listening(settings: Partial<Config> = {}, ids: readonly string[] = ['e']) {
  const broker = memoryBroker(settings, { application });
  const client = broker.connect();
  for (const id of ids) client.frame('SUBSCRIBE', { id, destination: ERRORS });
  return { broker, client };
}

async function refused(client: MemoryTransport, destination: string, count: number) {
  for (let time = 0; time < count; time += 1) {
    client.frame('SEND', { destination, receipt: `${time}` });
  }
  await turns();
  return client.take();
}

describe('a refusal', () => {
  test('is told once, however many subscriptions to the errors queue a session has', async () => {
    const { client } = listening({}, ['a', 'b', 'c']);

    const frames = await refused(client, '/app/no', 1);

    expect(frames.map(({ headers }) => headers.subscription)).toEqual(['a']);
  });

  test('is told to the first subscription that is still open', async () => {
    const { client } = listening({}, ['a', 'b', 'c']);
    client.frame('UNSUBSCRIBE', { id: 'a' });

    const frames = await refused(client, '/app/no', 1);

    expect(frames.map(({ headers }) => headers.subscription)).toEqual(['b']);
  });
});

describe('a session that is refused again and again', () => {
  test('ends when there were too many refusals in the time of the setting', async () => {
    const { client } = listening({ refusalsMax: 5 });

    const frames = await refused(client, '/app/no', 7);

    expect(frames.map(({ headers }) => headers.code)).toEqual([
      ...Array.from({ length: 5 }, () => 'NO'),
      'TOO_MANY_REFUSALS',
    ]);
    expect(frames.at(-1)).toMatchObject({ command: 'ERROR', headers: { 'receipt-id': '5' } });
    expect(client.closedWith).toEqual({ code: 1008, reason: 'TOO_MANY_REFUSALS' });
  });

  test('goes on if they are far enough apart', async () => {
    const { broker, client } = listening({ refusalsMax: 5, refusalsWindowMs: 1_000 });

    for (let time = 0; time < 40; time += 1) {
      await refused(client, '/app/no', 1);
      broker.clock.advance(200);
    }

    expect(client.closedWith).toBeNull();
  });

  test('goes on where the setting is 0', async () => {
    const { client } = listening({ refusalsMax: 0 });

    expect(await refused(client, '/app/no', 300)).toHaveLength(300);
    expect(client.closedWith).toBeNull();
  });
});

describe('refusals for the rate', () => {
  test('do not end the session', async () => {
    const { client } = listening({ refusalsMax: 5 });

    await refused(client, '/app/fast', 500);

    expect(client.closedWith).toBeNull();
  });

  test('are told one by one up to ten, and then once a second with their count', async () => {
    const { broker, client } = listening();

    const first = await refused(client, '/app/fast', 100);
    broker.clock.advance(1_000);
    const second = client.take();
    await refused(client, '/app/fast', 7);
    broker.clock.advance(1_000);
    const third = client.take();

    expect(first.map(({ headers }) => headers['receipt-id'])).toEqual(
      Array.from({ length: 10 }, (_, at) => `${at}`),
    );
    expect(second.map(({ headers }) => headers.count)).toEqual(['90']);
    expect(JSON.parse(second[0]?.body ?? '')).toEqual({
      code: 'RATE_LIMITED',
      count: 90,
      destination: '/app/fast',
      text: 'too many messages in a short time',
    });
    expect(third.map(({ headers }) => headers.count)).toEqual(['7']);
  });

  test('are told one by one again after a second without one', async () => {
    const { broker, client } = listening();
    await refused(client, '/app/fast', 11);
    broker.clock.advance(1_000);
    client.take();

    broker.clock.advance(1_000);
    const frames = await refused(client, '/app/fast', 1);

    expect(frames.map(({ headers }) => headers['receipt-id'])).toEqual(['0']);
  });

  test('leave no timer behind when the session ends', async () => {
    const { broker, client } = listening();
    const before = broker.clock.taskCount;
    await refused(client, '/app/fast', 20);
    expect(broker.clock.taskCount).toBe(before + 1);

    client.lose();

    expect(broker.clock.taskCount).toBe(before);
  });
});
