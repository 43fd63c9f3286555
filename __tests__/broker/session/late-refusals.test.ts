import { expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

/**
 * A session with an errors subscription; one SEND waits for its commit, and the next is refused.
 */
function refusedLate() {
  const application = new Application().message('/no', () => reject('NO', 'never'));
  const client = memoryBroker({}, { application }).connect();
  client.frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' });
  client.frame('SEND', { destination: '/topic/a' });
  client.frame('SEND', { destination: '/app/no', receipt: 'r' });
  return client;
}

test.each([
  ['a DISCONNECT', 'DISCONNECT', { receipt: 'bye' }, ['MESSAGE NO', 'RECEIPT bye']],
  ['an UNSUBSCRIBE', 'UNSUBSCRIBE', { id: 'e', receipt: 'u' }, ['MESSAGE NO', 'RECEIPT u']],
  ['a broken frame', 'BEGIN', {}, ['MESSAGE NO', 'ERROR MISSING_HEADER']],
])('a refusal that waits is told in its turn, whatever %s does behind it', async (...row) => {
  const [, command, headers, expected] = row;
  const client = refusedLate();

  client.frame(command, headers);
  await turns();

  const told = client
    .take()
    .map((frame) => `${frame.command} ${frame.headers.code ?? frame.headers['receipt-id']}`);
  expect(told).toEqual(expected);
});

test('a refusal is told by a subscription whose own RECEIPT waits as well', async () => {
  const application = new Application().message('/no', () => reject('NO', 'never'));
  const client = memoryBroker({}, { application }).connect();

  client.frame('SEND', { destination: '/topic/a' });
  client.frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors', receipt: 's' });
  client.frame('SEND', { destination: '/app/no' }).frame('DISCONNECT', { receipt: 'bye' });
  await turns();

  expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT', 'MESSAGE', 'RECEIPT']);
});
