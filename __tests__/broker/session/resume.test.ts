import { describe, expect, test } from '@jest/globals';
import { LATENESSES } from '../../support/late-engine.ts';
import { memoryBroker as createBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const ROOM = '/topic/kept/7';

describe.each(LATENESSES)('with an engine that answers at once, or later (%s)', (lateness) => {
  const memoryBroker = (settings: Parameters<typeof createBroker>[0] = {}) =>
    createBroker(settings, { lateness });

  /** A broker with a room of so many messages. */
  async function brokerWith(count: number, settings: Parameters<typeof memoryBroker>[0] = {}) {
    const broker = memoryBroker(settings);
    const talker = broker.connect();
    const say = async (...texts: string[]) => {
      for (const text of texts) talker.frame('SEND', { destination: ROOM }, text);
      await turns();
    };
    await say(...Array.from({ length: count }, (_, at) => `${at + 1}`));
    return { broker, say };
  }

  function subscribe(client: MemoryTransport, headers: Record<string, string>) {
    client.frame('SUBSCRIBE', { id: '1', destination: ROOM, receipt: 'r', ...headers });
  }

  async function heard(client: MemoryTransport) {
    await turns(40);
    return client.take().map(({ body, command, headers }) => {
      if (command === 'MESSAGE') return `${headers['x-stream-offset']}:${body}`;
      const resolvedStart = `${headers['x-stream-offset']} ${headers['x-recovered']}`;
      return command === 'RECEIPT' ? `RECEIPT ${resolvedStart}` : `${command} ${headers.code}`;
    });
  }

  describe('a subscription that says where to start', () => {
    test.each([
      ['first', ['RECEIPT 5 true', '1:1', '2:2', '3:3', '4:4', '5:5']],
      ['last=2', ['RECEIPT 5 true', '4:4', '5:5']],
      ['last=0', ['RECEIPT 5 true']],
      ['last=99', ['RECEIPT 5 true', '1:1', '2:2', '3:3', '4:4', '5:5']],
      ['offset=4', ['RECEIPT 5 true', '4:4', '5:5']],
      ['offset=6', ['RECEIPT 5 true']],
      ['offset=7', ['RECEIPT 5 false']],
      ['next', ['RECEIPT 5 true']],
    ])('as %s is told so, and gets that', async (start, expected) => {
      const { broker, say } = await brokerWith(5);
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': start });

      expect(await heard(client)).toEqual(expected);
      await say('live');
      expect(await heard(client)).toEqual(['6:live']);
    });

    test.each([
      ['offset=1', 'RECEIPT 5 false'],
      ['offset=3', 'RECEIPT 5 false'],
      ['offset=4', 'RECEIPT 5 true'],
      ['first', 'RECEIPT 5 true'],
    ])('as %s is told what is no longer kept', async (start, receipt) => {
      const { broker } = await brokerWith(5, { historyCount: 2 });
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': start });

      expect(await heard(client)).toEqual([receipt, '4:4', '5:5']);
    });

    test('in another life of the store starts with what comes', async () => {
      const { broker } = await brokerWith(3);
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': 'offset=2', 'x-stream-epoch': 'another' });

      expect(await heard(client)).toEqual(['RECEIPT 3 false']);
    });

    test.each(['last', 'last=-1', 'offset=0', 'offset=x', 'LAST=1', 'timestamp=1', ''])(
      'as %j is an ERROR',
      async (start) => {
        const { broker } = await brokerWith(1);
        const client = broker.connect();

        subscribe(client, { 'x-stream-offset': start });

        expect(await heard(client)).toEqual(['ERROR BAD_STREAM_OFFSET']);
      },
    );

    test.each(['/topic/plain', '/topic/*', '/queue/x', '/user/queue/x'])(
      'at %s, where nothing is kept, is an ERROR',
      async (destination) => {
        const client = memoryBroker().connect();

        client.frame('SUBSCRIBE', { id: '1', destination, 'x-stream-offset': 'first' });
        if (lateness !== null) await turns(10);

        expect(client.take()[0]?.headers.code).toBe('NOTHING_KEPT');
      },
    );

    test('acknowledges as it likes', async () => {
      const { broker } = await brokerWith(3);
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': 'first', ack: 'client', 'prefetch-count': '2' });
      await turns(40);
      const [, one, two] = client.take();

      expect([one?.body, two?.body]).toEqual(['1', '2']);
      client.frame('ACK', { id: two?.headers.ack ?? '' });
      expect(await heard(client)).toEqual(['3:3']);
    });
  });

  describe('a start whose oldest messages go before they are read', () => {
    /** Subscribes to a full room, in which messages are published before the first page is read. */
    async function overtaken(start: string) {
      const { broker } = await brokerWith(5, { historyCount: 5 });
      const [client, talker] = [broker.connect(), broker.connect()];
      for (const text of ['6', '7']) talker.frame('SEND', { destination: ROOM }, text);
      subscribe(client, { 'x-stream-offset': start });
      return heard(client);
    }

    test.each(['first', 'last=5'])('as %s begins with the oldest that there is', async (start) => {
      const expected = ['RECEIPT 5 true', '3:3', '4:4', '5:5', '6:6', '7:7'];

      expect(await overtaken(start)).toEqual(expected);
    });

    test('at a position that was promised ends the session: nothing is skipped', async () => {
      const lost = ['RECEIPT 5 true', 'ERROR HISTORY_LOST'];
      // The loss is known before a RECEIPT could deny it.
      const told = ['RECEIPT 5 false', '3:3', '4:4', '5:5', '6:6', '7:7'];

      expect(await overtaken('offset=1')).toEqual(lateness === 'asks last' ? told : lost);
    });
  });

  describe('catching up', () => {
    test('has neither a gap nor a duplicate while others go on', async () => {
      const { broker, say } = await brokerWith(300);
      const client = broker.connect();

      subscribe(client, { 'x-stream-offset': 'first' });
      for (let at = 301; at <= 400; at += 1) await say(`${at}`);

      const texts = (await heard(client)).slice(1);
      expect(texts).toEqual(Array.from({ length: 400 }, (_, at) => `${at + 1}:${at + 1}`));
    });

    test('waits for a client that does not read', async () => {
      const { broker } = await brokerWith(300, { takeBytes: 65_536 });
      const client = broker.connect();
      client.isStuck = true;

      subscribe(client, { 'x-stream-offset': 'first' });
      await turns(40);
      client.bufferedBytes = 70_000;
      const before = (await heard(client)).length;

      expect(client.closedWith).toBeNull();
      expect(before).toBeGreaterThan(0);
    });

    test('shares bytes with the others once it has caught up', async () => {
      const { broker, say } = await brokerWith(3);
      const client = broker.connect();
      subscribe(client, { 'x-stream-offset': 'first' });
      await heard(client);

      await say('live');

      const [place] = broker.index.subscribersOf(ROOM);
      expect(place?.feeds.size).toBe(0);
      expect(place?.groups.size).toBe(1);
      client.frame('UNSUBSCRIBE', { id: '1' });
      expect(broker.index.has(ROOM)).toBe(false);
    });
  });
});
