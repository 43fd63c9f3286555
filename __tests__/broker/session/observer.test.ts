import { expect, test } from '@jest/globals';
import type { SessionFact } from '../../../broker/session/observer.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

function observed() {
  const facts: SessionFact[] = [];
  const broker = memoryBroker({}, { observer: { observe: (fact) => facts.push(fact) } });
  const client = broker.connect();
  const sessionId = broker.opened[0]?.id ?? '';
  return { client, facts, sessionId };
}

test('an observer is told what a client sent, and in which transaction', async () => {
  const { client, facts, sessionId } = observed();

  client.frame('SEND', { destination: '/topic/a', 'x-own': '1' }, 'alone');
  client.frame('BEGIN', { transaction: 't' });
  client.frame('SEND', { destination: '/topic/b', transaction: 't' }, 'held');
  client.frame('COMMIT', { transaction: 't' });
  client.frame('BEGIN', { transaction: 'u' });
  client.frame('ABORT', { transaction: 'u' });
  await turns();

  expect(facts).toMatchObject([
    { type: 'sent', destination: '/topic/a', sessionId, transaction: null, user: null },
    { type: 'sent', destination: '/topic/b', sessionId, transaction: 't', user: null },
    { type: 'committed', sessionId, transaction: 't' },
    { type: 'aborted', sessionId, transaction: 'u' },
  ]);
  const [alone] = facts;
  if (alone?.type !== 'sent') throw new Error('a SEND comes first');
  expect(alone.body.toString()).toBe('alone');
  expect(alone.headers).toContainEqual(['x-own', '1']);
});

test('an observer is told which subscriptions are open, and which are not any more', async () => {
  const { client, facts, sessionId } = observed();
  const destination = '/topic/a';

  client.frame('SUBSCRIBE', { id: 's', destination });
  client.frame('UNSUBSCRIBE', { id: 's' });
  await turns();

  expect(facts).toEqual([
    { type: 'subscribed', destination, id: 's', sessionId, user: null },
    { type: 'unsubscribed', destination: null, id: 's', sessionId },
  ]);
});

test('an observer is not told of a subscription that was refused, but of the end it brought', async () => {
  const { client, facts, sessionId } = observed();

  client.frame('SUBSCRIBE', { id: 's', destination: '/nowhere' });
  await turns();

  expect(facts).toEqual([{ type: 'ended', sessionId }]);
});
