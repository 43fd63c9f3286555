// Messages that are published between a SUBSCRIBE and the answer of a slow engine.

import { describe, expect, test } from '@jest/globals';
import type { Lateness } from '../../support/late-engine.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const KEPT = '/topic/kept/7';
const PLAIN = '/topic/plain';

/** A broker whose engine answers when the test tells it to. */
function gatedBroker(
  lateness: Lateness = 'asks first',
  settings: Parameters<typeof memoryBroker>[0] = {},
) {
  let open = () => {};
  let isOpen = new Promise<void>((resolve) => (open = resolve));
  const broker = memoryBroker(settings, { delay: () => isOpen, lateness });
  const talker = broker.connect();
  let said = 0;
  /** Publishes a number, and waits until it is delivered. */
  const say = async (destination: string) => {
    said += 1;
    talker.frame('SEND', { destination }, `${said}`);
    await turns();
  };
  const answer = async () => {
    open();
    await turns(10);
  };
  const close = () => {
    isOpen = new Promise<void>((resolve) => (open = resolve));
  };
  return { answer, broker, close, say };
}

function subscribe(client: MemoryTransport, headers: Record<string, string>) {
  client.frame('SUBSCRIBE', { id: '1', destination: KEPT, receipt: 'r', ...headers });
}

async function heard(client: MemoryTransport) {
  await turns(20);
  return client.take().map(({ body, command, headers }) => {
    if (command === 'MESSAGE') return body;
    return `${command} ${headers['x-stream-offset'] ?? headers.code ?? ''}`.trim();
  });
}

describe.each<Lateness>(['asks first', 'asks last'])(
  'a SUBSCRIBE while others publish, with an engine that answers later and %s',
  (lateness) => {
    test.each([
      ['next', ['3', '4', '5', '6']],
      ['last=1', ['2', '3', '4', '5', '6']],
      ['first', ['1', '2', '3', '4', '5', '6']],
      ['offset=2', ['2', '3', '4', '5', '6']],
      ['offset=3', ['3', '4', '5', '6']],
    ])('from %s loses nothing, and doubles nothing', async (start, expected) => {
      const { answer, broker, say } = gatedBroker(lateness);
      for (let at = 0; at < 2; at += 1) await say(KEPT);
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': start });
      for (let at = 0; at < 3; at += 1) await say(KEPT);
      const before = client.take();
      await answer();
      await say(KEPT);

      expect(before).toEqual([]);
      expect(await heard(client)).toEqual(['RECEIPT 2', ...expected]);
    });

    test.each(['client', 'client-individual'])('loses nothing with ack:%s', async (ack) => {
      const { answer, broker, say } = gatedBroker(lateness);
      const client = broker.connect();

      subscribe(client, { ack });
      for (let at = 0; at < 3; at += 1) await say(KEPT);
      await answer();
      await say(KEPT);

      expect(await heard(client)).toEqual(['RECEIPT 0', '1', '2', '3', '4']);
    });

    test.each([PLAIN, '/topic/*', '/topic/**'])('to %s holds what comes', async (destination) => {
      const { answer, broker, say } = gatedBroker(lateness);
      const client = broker.connect();

      subscribe(client, { destination });
      for (let at = 0; at < 3; at += 1) await say(PLAIN);
      await say('/topic/other');
      const before = client.take();
      await answer();
      await say(PLAIN);

      const others = destination === PLAIN ? [] : ['4'];
      expect(before).toEqual([]);
      expect(await heard(client)).toEqual(['RECEIPT', '1', '2', '3', ...others, '5']);
    });

    test('shares bytes with others from then on', async () => {
      const { answer, broker, say } = gatedBroker(lateness);
      const clients = [broker.connect(), broker.connect()];
      for (const client of clients) {
        subscribe(client, { destination: PLAIN });
        client.frame('SUBSCRIBE', { id: '2', destination: '/topic/**' });
      }
      await say(PLAIN);
      await answer();
      await turns(20);
      await say(PLAIN);

      for (const topic of [PLAIN, '/topic/**']) {
        const subscribers = broker.index.subscribersOf(topic === PLAIN ? PLAIN : '/topic/x');
        const groups = subscribers.flatMap(({ groups }) => [...groups.values()]);
        expect(subscribers.map(({ feeds }) => feeds.size)).toEqual(subscribers.map(() => 0));
        expect(groups.map(({ members }) => members.length)).toEqual(groups.map(() => 2));
      }
    });
  },
);

describe('a batch at several topics of one pattern', () => {
  test('reaches a subscription that begins to share bytes in the middle of it', async () => {
    const { answer, broker } = gatedBroker();
    const [client, talker] = [broker.connect(), broker.connect()];
    subscribe(client, { destination: '/topic/*' });
    await answer();
    client.take();

    for (const topic of ['a', 'b', 'c', 'a']) {
      talker.frame('SEND', { destination: `/topic/${topic}` }, topic);
    }

    expect(await heard(client)).toEqual(['a', 'a', 'b', 'c']);
  });
});

describe('a session that waits for the engine', () => {
  test('handles its other frames afterwards, in order', async () => {
    const { answer, broker, say } = gatedBroker();
    const client = broker.connect();

    subscribe(client, { destination: PLAIN });
    client.frame('SEND', { destination: PLAIN, receipt: 's' }, 'mine');
    client.frame('UNSUBSCRIBE', { id: '1', receipt: 'u' });
    await say(PLAIN);
    await answer();

    const frames = await heard(client);
    expect(frames.filter((frame) => frame === 'RECEIPT')).toHaveLength(3);
    expect(frames.slice(0, 2)).toEqual(['RECEIPT', '1']);
    expect(broker.index.has(PLAIN)).toBe(false);
  });

  test('leaves the topic when its connection is lost, and is not answered', async () => {
    const { answer, broker, say } = gatedBroker();
    const client = broker.connect();

    subscribe(client, {});
    client.lose();
    await say(KEPT);
    await answer();

    expect(broker.ended).toHaveLength(1);
    expect(broker.index.has(KEPT)).toBe(false);
  });

  test('is shed when more arrives than it may have unsent', async () => {
    const { answer, broker } = gatedBroker('asks first', { unsentBytesMax: 4_000 });
    const [client, talker] = [broker.connect(), broker.connect()];

    subscribe(client, { destination: PLAIN });
    for (let at = 0; at < 8; at += 1) {
      talker.frame('SEND', { destination: PLAIN }, 'x'.repeat(1_000));
    }
    await turns();

    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
    await answer();
    expect(broker.index.has(PLAIN)).toBe(false);
  });

  test('ends if the engine fails to answer', async () => {
    const broker = memoryBroker(
      {},
      { delay: () => Promise.reject(new Error('the network is down')), lateness: 'asks last' },
    );
    const client = broker.connect();

    subscribe(client, {});
    await turns(10);

    expect(client.closedWith?.reason).toBe('INTERNAL');
    expect(broker.index.has(KEPT)).toBe(false);
  });
});
