import { describe, expect, test } from '@jest/globals';
import { bodiesOf, messagesOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const IN_T = { transaction: 't' };

function hearErrors(client: MemoryTransport): MemoryTransport {
  return client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
}

function codesOf(client: MemoryTransport): (string | undefined)[] {
  return client.take().map(({ headers }) => headers.code);
}

describe('a SEND to a queue', () => {
  test('that is full is refused, until one of its messages is acknowledged', async () => {
    const broker = memoryBroker({ queueCount: 2 });
    const [sender, worker] = [hearErrors(broker.connect()), broker.connect()];
    worker.frame('SUBSCRIBE', { id: 's', destination: '/queue/x', ack: 'client' });
    send(sender, '/queue/x', '1', '2', '3');
    await turns();
    const refused = codesOf(sender);
    const [message] = messagesOf(worker);

    worker.frame('ACK', { id: message?.headers.ack ?? '' });
    send(sender, '/queue/x', '4');

    expect(refused).toEqual(['QUEUE_FULL']);
    expect(await bodiesOf(worker)).toEqual(['4']);
    expect(codesOf(sender)).toEqual([]);
  });

  test('that is one too many is refused, and the SUBSCRIBE is an ERROR', async () => {
    const broker = memoryBroker({ queuesMax: 1 });
    const [sender, worker] = [hearErrors(broker.connect()), broker.connect()];
    send(sender, '/queue/x', '1');

    send(sender, '/queue/y', '1');
    worker.frame('SUBSCRIBE', { id: 's', destination: '/queue/z', receipt: 'r' });
    await turns();

    expect(codesOf(sender)).toEqual(['TOO_MANY_QUEUES']);
    expect(worker.take()).toMatchObject([
      { command: 'ERROR', headers: { code: 'TOO_MANY_QUEUES', 'receipt-id': 'r' } },
    ]);
    expect(worker.closedWith?.reason).toBe('REFUSED');
  });

  test('counts while it waits for its COMMIT only from then on', async () => {
    const broker = memoryBroker({ queueCount: 1 });
    const [client, other] = [hearErrors(broker.connect()), hearErrors(broker.connect())];
    client.frame('BEGIN', IN_T);
    client.frame('SEND', { ...IN_T, destination: '/queue/x' }, 'late');

    send(other, '/queue/x', 'early');
    client.frame('COMMIT', IN_T);
    await turns();

    expect(codesOf(other)).toEqual([]);
    expect(codesOf(client)).toEqual(['QUEUE_FULL']);
  });
});

describe('SUBSCRIBE, UNSUBSCRIBE and SUBSCRIBE to a queue at once', () => {
  test('leave a subscription that gets what is sent', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    const subscribe = 'SUBSCRIBE\nid:s\ndestination:/queue/x\n\n\0';

    client.say(`${subscribe}UNSUBSCRIBE\nid:s\n\n\0${subscribe}`);
    await turns();
    send(client, '/queue/x', '1');

    expect(await bodiesOf(client)).toEqual(['1']);
  });
});

describe('queues', () => {
  test('are forgotten with their last message and subscriber', async () => {
    const broker = memoryBroker();
    const { queues } = broker.parts;
    const clients = ['/queue/a', '/queue/b', '/queue/c'].map((destination) => {
      const client = broker.connect();
      client.frame('SUBSCRIBE', { id: 's', destination, ack: 'client' });
      send(client, destination, 'mine');
      return client;
    });
    await turns();
    const sizes = [queues.size];

    for (const client of clients) {
      const [message] = messagesOf(client);
      client.frame('ACK', { id: message?.headers.ack ?? '' }).frame('DISCONNECT');
      sizes.push(queues.size);
    }

    expect(sizes).toEqual([3, 2, 1, 0]);
  });

  test('take no pattern to SEND to', async () => {
    const client = memoryBroker().connect();

    send(client, '/queue/*', 'all');
    await turns();

    expect(codesOf(client)).toEqual(['UNKNOWN_DESTINATION']);
  });
});

describe('transactions of a session', () => {
  const limits = { transactionBytesMax: 2_700, transactionFramesMax: 3, transactionsMax: 2 };

  test.each([
    ['one too many', 'TOO_MANY_TRANSACTIONS', ['t', 'u', 'v'], []],
    ['twice the same', 'DUPLICATE_TRANSACTION', ['t', 't'], []],
    ['frames too many', 'TRANSACTION_TOO_LARGE', ['t'], ['t', 't', 't', 't']],
    ['no such one', 'NO_SUCH_TRANSACTION', ['t'], ['u']],
  ])('may not be %s: %s', async (_what, code, begun, sent) => {
    const broker = memoryBroker(limits);
    const client = hearErrors(broker.connect());

    for (const transaction of begun) client.frame('BEGIN', { transaction });
    for (const transaction of sent) client.frame('SEND', { transaction, destination: '/topic/x' });
    await turns();

    expect(client.take()).toMatchObject([{ command: 'ERROR', headers: { code } }]);
    expect(client.closedWith?.reason).toBe('PROTOCOL_ERROR');
    expect(broker.ended).toHaveLength(1);
  });

  test('count their bytes together', () => {
    const client = memoryBroker(limits).connect();

    for (const transaction of ['t', 'u']) {
      client.frame('BEGIN', { transaction });
      client.frame('SEND', { transaction, destination: '/topic/x' }, 'x'.repeat(250));
    }

    expect(codesOf(client)).toEqual(['TRANSACTION_TOO_LARGE']);
  });

  test('count a header for more than its octets, as it costs more', () => {
    const client = memoryBroker(limits).connect();
    client.frame('BEGIN', IN_T);

    const empty = Object.fromEntries('abcdefghijkl'.split('').map((name) => [name, '']));
    client.frame('SEND', { ...IN_T, destination: '/topic/x', ...empty });

    expect(codesOf(client)).toEqual(['TRANSACTION_TOO_LARGE']);
  });

  test.each(['COMMIT', 'ABORT'])('leave nothing behind that counts, after %s', async (end) => {
    const client = memoryBroker(limits).connect();

    for (let round = 0; round < 10; round += 1) {
      client.frame('BEGIN', IN_T);
      client.frame('SEND', { ...IN_T, destination: '/topic/x' }, 'x'.repeat(50));
      client.frame(end, IN_T);
      await turns();
    }

    expect(client.take()).toEqual([]);
    expect(client.closedWith).toBeNull();
  });

  test.each(['COMMIT', 'ABORT'])('cannot end that were not begun: %s', async (command) => {
    const client = memoryBroker().connect();

    client.frame(command, { ...IN_T, receipt: 'r' });
    await turns();

    expect(client.take()[0]?.headers).toMatchObject({
      code: 'NO_SUCH_TRANSACTION',
      'receipt-id': 'r',
    });
  });
});
