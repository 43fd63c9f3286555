// Queues that answer a reservation later, as if they were kept in another process.

import { describe, expect, jest, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import { Router } from '../../../broker/routing/router.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

/** A broker whose router waits for each reservation. */
function lateBroker(settings: Parameters<typeof memoryBroker>[0] = {}) {
  const application = new Application().message('/jobs', () => ({
    publish: ['1', '2'].map((job) => sendTo('/queue/jobs', { job })),
  }));
  const broker = memoryBroker(settings, { application });
  const { queues } = broker.parts;
  const late = new Router({
    application,
    knowsUsers: false,
    opensPrivateToPatterns: false,
    prefixes: { app: '/app', queue: '/queue', topic: '/topic', user: '/user' },
    queues: {
      reserve: async (destination, message, caller) => {
        await turns(2);
        return queues.reserve(destination, message, caller);
      },
    },
  });
  const { router } = broker.parts;
  jest.spyOn(router, 'planSend').mockImplementation((sent, caller) => late.planSend(sent, caller));
  return broker;
}

describe('a SEND to a queue that answers later', () => {
  test('is put in its turn, and the next frames wait', async () => {
    const client = lateBroker().connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/queue/jobs' });

    client.frame('SEND', { destination: '/queue/jobs', receipt: 'a' }, 'first');
    client.frame('SEND', { destination: '/app/jobs', receipt: 'b' }, '');
    client.frame('SEND', { destination: '/queue/jobs', receipt: 'c' }, 'last');
    await turns(20);

    const frames = client.take();
    const bodies = frames.filter(({ command }) => command === 'MESSAGE').map(({ body }) => body);
    expect(bodies).toEqual(['first', '{"job":"1"}', '{"job":"2"}', 'last']);
    const receipts = frames.filter(({ command }) => command === 'RECEIPT');
    expect(receipts.map(({ headers }) => headers['receipt-id'])).toEqual(['a', 'b', 'c']);
  });

  test('is refused as it would be at once, with nothing left in the queue', async () => {
    const broker = lateBroker({ queueCount: 1 });
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });

    client.frame('SEND', { destination: '/app/jobs', receipt: 'r' }, '');
    await turns(20);

    const [refusal] = client.take();
    expect(refusal).toMatchObject({ headers: { destination: '/user/queue/errors' } });
    expect(refusal?.body).toContain('QUEUE_FULL');
    expect(broker.parts.queues.bytes).toBe(0);
  });

  test('in a transaction is committed with the rest', async () => {
    const client = lateBroker().connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/queue/jobs' });

    client.frame('BEGIN', { transaction: 't' });
    for (const body of ['1', '2', '3']) {
      client.frame('SEND', { destination: '/queue/jobs', transaction: 't' }, body);
    }
    client.frame('COMMIT', { transaction: 't', receipt: 'r' });
    await turns(30);

    const frames = client.take();
    expect(frames.filter(({ command }) => command === 'RECEIPT')).toHaveLength(1);
    expect(frames.flatMap(({ body }) => body || [])).toEqual(['1', '2', '3']);
  });
});
