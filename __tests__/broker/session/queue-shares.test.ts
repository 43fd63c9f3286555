import { expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

/** Sends to the queues with these names, and returns the codes of the refusals. */
async function make(client: MemoryTransport, ...names: string[]): Promise<(string | undefined)[]> {
  client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
  for (const name of names) client.frame('SEND', { destination: `/queue/${name}` }, 'x');
  await turns();
  return client.take().map(({ headers }) => headers.code);
}

test('a client that fills queues and reconnects leaves room for others, and has none itself', async () => {
  const { connect, parts } = memoryBroker({ queuesPerAddressMax: 3 });
  const client = connect();
  const refused = await make(client, '1', '2', '3', '4', '5');
  client.lose();
  await turns();

  const back = await make(connect(), '6');
  const other = await make(connect({}, { peer: '192.0.2.2' }), '6', '7');

  expect(refused).toEqual(['TOO_MANY_QUEUES', 'TOO_MANY_QUEUES']);
  expect(back).toEqual(['TOO_MANY_QUEUES']);
  expect(other).toEqual([]);
  expect(parts.queues.size).toBe(5);
});

test('one session makes at most a tenth of all queues, by default', async () => {
  const { connect, parts } = memoryBroker();
  const names = Array.from({ length: 1_500 }, (_, at) => `${at}`);

  const refused = await make(connect(), ...names);

  expect(parts.queues.size).toBe(1_000);
  expect(refused.length).toBeGreaterThan(0);
});

test('a SUBSCRIBE to one queue too many is an ERROR; to an existing queue it is not', async () => {
  const { connect } = memoryBroker({ queuesPerSessionMax: 1 });
  const [client, other] = [connect(), connect()];
  other.frame('SUBSCRIBE', { id: '1', destination: '/queue/there' });
  client.frame('SUBSCRIBE', { id: '1', destination: '/queue/own' });
  client.frame('SUBSCRIBE', { id: '2', destination: '/queue/there' });
  client.frame('SUBSCRIBE', { id: '3', destination: '/queue/new', receipt: 'r' });
  await turns();

  expect(client.take()).toMatchObject([
    { command: 'ERROR', headers: { code: 'TOO_MANY_QUEUES', 'receipt-id': 'r' } },
  ]);
});

test('a message that a handler puts into a queue counts in the share of the client that sent to the handler', async () => {
  const application = new Application().message('/jobs', ({ body }) => ({
    publish: [sendTo(`/queue/jobs.${body.toString()}`, {})],
  }));
  const { connect, parts } = memoryBroker({ queuesPerSessionMax: 1 }, { application });
  const client = connect();
  client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });

  for (const job of ['1', '2']) client.frame('SEND', { destination: '/app/jobs' }, job);
  await turns();

  expect(client.take().map(({ headers }) => headers.code)).toEqual(['TOO_MANY_QUEUES']);
  expect(parts.queues.size).toBe(1);
});
