import { describe, expect, test } from '@jest/globals';
import { BareEncoding } from '../../support/bare-encoding.ts';
import { bodiesOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const TOPIC = '/topic/x';
const KIB = 1_024;
/** So many subscriptions to one destination that only the limit of unsent bytes applies. */
const MANY = { subscriptionsPerDestinationMax: 1_000 };

describe('a message that is published while the RECEIPT of a SUBSCRIBE has to wait', () => {
  /**
   * Subscribes behind a SEND that waits for its commit, so that every later reply waits as well.
   */
  function waitingSubscriber(ids: number) {
    const broker = memoryBroker({ ...MANY, unsentBytesMax: 50 * KIB });
    const [client, talker] = [broker.connect(), broker.connect()];
    client.frame('SEND', { destination: '/topic/y', receipt: 'sent' });
    for (let id = 0; id < ids; id += 1) {
      client.frame('SUBSCRIBE', { id: `${id}`, destination: TOPIC });
    }
    return { broker, client, talker };
  }

  test('is held, and follows the RECEIPT', async () => {
    const { client, talker } = waitingSubscriber(1);

    send(talker, TOPIC, 'one', 'two');

    expect(await bodiesOf(client)).toEqual(['one', 'two']);
  });

  test('counts against the limit of the session, in all its subscriptions together', async () => {
    const { broker, client, talker } = waitingSubscriber(100);
    const held: number[] = [];
    const { hold } = broker.parts.unsent;
    broker.parts.unsent.hold = (packet) => {
      held.push(packet.length);
      hold.call(broker.parts.unsent, packet);
    };

    send(talker, TOPIC, 'x'.repeat(10 * KIB));
    await turns();

    expect(held.length).toBe(5);
    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
  });

  test.each([1, 100])(
    'is no longer counted in memory afterwards, with %i subscriptions',
    async (ids) => {
      const { broker, talker } = waitingSubscriber(ids);

      send(talker, TOPIC, 'x'.repeat(10 * KIB), 'y');
      await turns();

      expect(broker.parts.unsent.bytes).toBe(0);
    },
  );
});

describe('a message for several subscriptions that acknowledge', () => {
  test('is encoded once for all of them', async () => {
    const broker = memoryBroker();
    const encoding = new BareEncoding('bare');
    const [one, other] = [broker.connect({}, { encoding }), broker.connect({}, { encoding })];
    for (const client of [one, other]) {
      for (const id of ['1', '2', '3']) {
        client.frame('SUBSCRIBE', { id, destination: TOPIC, ack: 'client-individual' });
      }
    }

    send(broker.connect(), TOPIC, 'hello', 'again');
    await turns();

    expect(encoding.prepared).toBe(2);
    const acks = [one, other].map((client) => client.take().map(({ headers }) => headers.ack));
    expect(acks.map((some) => new Set(some).size)).toEqual([6, 6]);
  });

  test('is one message in memory while it waits for their windows', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    for (const id of ['1', '2', '3']) {
      client.frame('SUBSCRIBE', { id, destination: TOPIC, ack: 'client', 'prefetch-count': '1' });
    }

    send(broker.connect(), TOPIC, 'first', 'x'.repeat(100 * KIB));
    await turns();

    expect(broker.parts.unsent.bytes).toBeGreaterThan(100 * KIB);
    expect(broker.parts.unsent.bytes).toBeLessThan(110 * KIB);
    for (const id of ['1', '2']) client.frame('UNSUBSCRIBE', { id });
    client.lose();
    await turns();
    expect(broker.parts.unsent.bytes).toBe(0);
  });

  test('counts for the session that it waits for when the memory budget is used up', async () => {
    const broker = memoryBroker({ memoryBudgetBytes: 1_024 * KIB });
    const [client, other] = [broker.connect(), broker.connect()];
    const headers = { destination: TOPIC, ack: 'client', 'prefetch-count': '1' };
    client.frame('SUBSCRIBE', { ...headers, id: '1' });

    send(other, TOPIC, 'first', ...Array.from({ length: 20 }, () => 'x'.repeat(100 * KIB)));
    await turns();

    expect(client.closedWith?.reason).toBe('MEMORY_SHED');
    expect(other.closedWith).toBeNull();
    expect(broker.parts.unsent.bytes).toBe(0);
  });

  test('is held only up to the limit of the session, however many there are', async () => {
    const broker = memoryBroker({ ...MANY, unsentBytesMax: 50 * KIB });
    const client = broker.connect();
    for (let id = 0; id < 100; id += 1) {
      const headers = { id: `${id}`, destination: TOPIC, ack: 'client', 'prefetch-count': '1' };
      client.frame('SUBSCRIBE', headers);
    }
    let waited = 0;
    const { holdPiece } = broker.parts.unsent;
    broker.parts.unsent.holdPiece = (key, bytes) => {
      waited += bytes;
      holdPiece.call(broker.parts.unsent, key, bytes);
    };

    send(broker.connect(), TOPIC, 'first', ...Array.from({ length: 20 }, () => 'x'.repeat(KIB)));
    await turns();

    expect(waited).toBeLessThan(52 * KIB);
    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
    expect(broker.parts.unsent.bytes).toBe(0);
  });
});
