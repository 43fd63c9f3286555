import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const application = new Application().subscribe('/time', () => ({ hour: 12 }));

function subscribed(destination: string, count: number) {
  const client = memoryBroker({}, { application }).connect();
  for (let id = 0; id < count; id += 1) client.frame('SUBSCRIBE', { id: `${id}`, destination });
  return client;
}

describe.each(['/topic/x', '/topic/*', '/app/time', '/user/queue/x', '/user/queue/errors'])(
  '%s',
  (destination) => {
    test('may be subscribed to eight times by one session', async () => {
      const client = subscribed(destination, 8);
      await turns();
      expect(client.closedWith).toBeNull();

      client.frame('SUBSCRIBE', { id: 'ninth', destination, receipt: 'r' });
      await turns();

      expect(client.take().at(-1)).toMatchObject({
        command: 'ERROR',
        headers: { code: 'TOO_MANY_SUBSCRIPTIONS', 'receipt-id': 'r' },
      });
    });

    test('may be subscribed to again where one was given up', async () => {
      const client = subscribed(destination, 8);

      client.frame('UNSUBSCRIBE', { id: '3' }).frame('SUBSCRIBE', { id: 'new', destination });
      await turns();

      expect(client.closedWith).toBeNull();
    });
  },
);

test('a queue may be subscribed to more often, as each message goes to one of them', async () => {
  const client = subscribed('/queue/x', 100);
  await turns();

  expect(client.closedWith).toBeNull();
});
