import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../../broker/application/application.ts';
import { reject } from '../../../../broker/application/rejection.ts';
import { type ReplyWithFacts, sendTo } from '../../../../broker/application/reply.ts';
import { memoryBroker } from '../../../support/memory-broker.ts';
import { slowEngine } from '../../../support/slow-engine.ts';
import { turns } from '../../../support/turns.ts';

/** A broker with a handler that counts the outcomes of its replies. */
function scene(reply: ReplyWithFacts) {
  const { commit, engine, refuse, waiting } = slowEngine();
  const told: string[] = [];
  const application = new Application()
    .message('/change', () => ({
      ...reply,
      committed: () => told.push('committed'),
      cancelled: () => told.push('cancelled'),
    }))
    .message('/no', () => reject('NO', 'no'));
  const client = memoryBroker({}, { application, engine }).connect();
  const appends = () =>
    waiting.map(({ entries, facts }) => [...entries.map(({ destination }) => destination), facts]);
  return { appends, client, commit, refuse, told };
}

const FACTS = [['a', '1']] as const;

describe('the facts of a reply', () => {
  test('are in one append with what it publishes', async () => {
    const publish = [sendTo('/topic/x', 1), sendTo('/topic/y', 2)];
    const { appends, client, commit, told } = scene({ publish, facts: FACTS });

    client.frame('SEND', { destination: '/app/change' });
    expect(appends()).toEqual([['/topic/x', '/topic/y', FACTS]]);
    expect(told).toEqual([]);

    await commit();
    expect(told).toEqual(['committed']);
  });

  test('are committed before the RECEIPT even if nothing is published', async () => {
    const { appends, client, commit, told } = scene({ publish: [], facts: FACTS });

    client.frame('SEND', { destination: '/app/change', receipt: 'r' });
    await turns();
    expect(appends()).toEqual([[FACTS]]);
    expect(client.take()).toEqual([]);

    await commit();
    expect(told).toEqual(['committed']);
    expect(client.take()).toMatchObject([{ command: 'RECEIPT', headers: { 'receipt-id': 'r' } }]);
  });

  test('are those of all replies of a transaction', async () => {
    const { appends, client } = scene({ publish: [sendTo('/topic/x', 1)], facts: FACTS });

    client.frame('BEGIN', { transaction: 't' });
    for (const destination of ['/app/change', '/app/change'])
      client.frame('SEND', { destination, transaction: 't' });
    client.frame('COMMIT', { transaction: 't' });
    await turns();

    expect(appends()).toEqual([['/topic/x', '/topic/x', [...FACTS, ...FACTS]]]);
  });
});

describe('a reply that is not committed is cancelled', () => {
  test('when the store refuses it', async () => {
    const { client, refuse, told } = scene({ publish: [sendTo('/topic/x', 1)] });

    client.frame('SEND', { destination: '/app/change' });
    await refuse();

    expect(told).toEqual(['cancelled']);
  });

  test('when another frame of its transaction is refused', async () => {
    const { client, told } = scene({ publish: [sendTo('/topic/x', 1)], facts: FACTS });

    client.frame('BEGIN', { transaction: 't' });
    for (const destination of ['/app/change', '/app/no'])
      client.frame('SEND', { destination, transaction: 't' });
    client.frame('COMMIT', { transaction: 't' });
    await turns();

    expect(told).toEqual(['cancelled']);
  });

  test.each([
    ['refused', { ...sendTo('/queue/x', 1), to: { user: 'Kim' } }],
    ['impossible', sendTo('/nowhere', 1)],
  ])('when what it publishes is %s', async (_why, outgoing) => {
    const { client, told } = scene({ publish: [sendTo('/topic/x', 1), outgoing] });

    client.frame('SEND', { destination: '/app/change' });
    await turns();

    expect(told).toEqual(['cancelled']);
  });
});
