import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../../broker/config.ts';
import { acknowledge, bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const TOPIC = '/topic/x';
const KIB = 1_024;

/** A topic without a history, with a subscriber that acknowledges, and a sender. */
function topic(window: number, settings: Partial<Config> = {}, destination = TOPIC) {
  const broker = memoryBroker(settings);
  const [client, talker] = [broker.connect(), broker.connect()];
  const headers = { id: 's', destination, ack: 'client', 'prefetch-count': String(window) };
  client.frame('SUBSCRIBE', headers);
  const talk = (...bodies: string[]) => send(talker, TOPIC, ...bodies);
  return { broker, client, headers, talk, talker };
}

describe.each([TOPIC, '/topic/*'])(
  'a message that does not fit into the window of %s',
  (destination) => {
    test('waits for room, and is delivered once and in order', async () => {
      const { client, talk } = topic(2, {}, destination);
      talk('1', '2', '3', '4', '5');
      await turns();

      const got: string[] = [];
      for (let messages = messagesOf(client); messages.length > 0; messages = messagesOf(client)) {
        got.push(...messages.map(({ body }) => body));
        acknowledge(client, ...messages);
      }

      expect(got).toEqual(['1', '2', '3', '4', '5']);
    });

    test('sheds the session, and no other, when too many bytes wait', async () => {
      const { broker, client, talk, talker } = topic(1, { unsentBytesMax: 10 * KIB }, destination);

      talk(...Array.from({ length: 20 }, () => 'x'.repeat(KIB)));
      await turns();

      expect(client.closedWith).toEqual({ code: 4000, reason: 'SLOW_CONSUMER' });
      expect(broker.index.has(destination)).toBe(false);
      expect(talker.closedWith).toBeNull();
    });

    test('counts towards the limit even if it is empty', async () => {
      const { client, talk } = topic(1, { unsentBytesMax: 10 * KIB }, destination);

      talk(...Array.from({ length: 1_000 }, () => ''));
      await turns();

      expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
    });
  },
);

describe('a message that waits', () => {
  test('is counted over all subscriptions of a session', async () => {
    const { client, headers, talk } = topic(1, { unsentBytesMax: 10 * KIB });
    for (const id of ['t', 'u']) client.frame('SUBSCRIBE', { ...headers, id });

    talk(...Array.from({ length: 6 }, () => 'x'.repeat(KIB)));
    await turns();

    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
  });

  test.each([
    ['after its ACK', 'ACK'],
    ['when it is unsubscribed', 'UNSUBSCRIBE'],
  ])('is counted no more %s', async (_when, command) => {
    const { client, headers, talk } = topic(1, { unsentBytesMax: 10 * KIB });

    for (let round = 0; round < 10; round += 1) {
      talk(...Array.from({ length: 5 }, () => 'x'.repeat(KIB)));
      await turns();
      let messages = messagesOf(client);
      for (; command === 'ACK' && messages.length > 0; messages = messagesOf(client)) {
        acknowledge(client, ...messages);
      }
      if (command !== 'UNSUBSCRIBE') continue;
      client.frame('UNSUBSCRIBE', { id: 's' });
      client.frame('SUBSCRIBE', headers);
    }

    expect(client.closedWith).toBeNull();
  });

  test('is never an ephemeral one, which is dropped instead', async () => {
    const { client, talk, talker } = topic(1);
    talk('1');
    talker.frame('SEND', { destination: TOPIC, 'x-ephemeral': 'true' }, 'typing');
    talk('2');
    await turns();

    const [first] = messagesOf(client);
    if (first !== undefined) client.frame('NACK', nameOf(first));

    expect(await bodiesOf(client)).toEqual(['2']);
  });

  test('goes out as its socket takes it, though its window is wide', async () => {
    const { client, talk } = topic(1_000, { takeBytes: 64 * KIB });
    client.isStuck = true;
    talk(...Array.from({ length: 30 }, (_, at) => `${at} `.padEnd(20 * KIB, '.')));
    await turns();
    const filled = client.bufferedBytes;

    client.isStuck = false;
    client.drain();

    expect(filled).toBeLessThan(90 * KIB);
    const got = (await bodiesOf(client)).map(Number.parseFloat);
    expect(got).toEqual(Array.from({ length: 30 }, (_, at) => at));
  });

  test('is delivered once and in order, in whichever order ACKs and messages arrive', async () => {
    const step = fc.constantFrom('talk', 'talk', 'ack', 'turn', 'drain', 'stick');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { client, talk } = topic(2);
        const [got, sent]: [string[], string[]] = [[], []];
        let open = messagesOf(client);
        const look = () => {
          const messages = messagesOf(client);
          got.push(...messages.map(({ body }) => body));
          open.push(...messages);
          expect(open.length).toBeLessThanOrEqual(2);
        };
        const acknowledgeOne = () => {
          acknowledge(client, ...open.slice(0, 1));
          open = open.slice(1);
          look();
        };

        for (const todo of steps) {
          if (todo === 'talk') sent.push(String(sent.length));
          if (todo === 'talk') talk(sent.at(-1) ?? '');
          if (todo === 'ack') acknowledgeOne();
          if (todo === 'turn') await turns(1);
          if (todo === 'stick') client.isStuck = true;
          if (todo === 'drain') client.drain();
          look();
        }
        client.drain();
        await turns();
        look();
        while (open.length > 0) acknowledgeOne();

        expect(got).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });
});
