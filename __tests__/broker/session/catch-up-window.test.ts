import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../broker/config.ts';
import type { Engine } from '../../../broker/engine/engine.ts';
import { acknowledge, bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

const ROOM = '/topic/kept/7';
const KIB = 1_024;

/** A room with a subscriber that acknowledges, and a sender. */
function room(
  window: number,
  settings: Partial<Config> = {},
  { ack = 'client', engine }: { ack?: string; engine?: Engine } = {},
) {
  const broker = memoryBroker(settings, engine === undefined ? {} : { engine });
  const [client, talker] = [broker.connect(), broker.connect()];
  const headers = { id: 's', destination: ROOM, ack, 'prefetch-count': String(window) };
  client.frame('SUBSCRIBE', headers);
  const talk = (...bodies: string[]) => send(talker, ROOM, ...bodies);
  return { broker, client, headers, talk, talker };
}

describe('a message that does not fit into the window of a room', () => {
  test('is read from the history as ACKs make room, once and in order', async () => {
    const { client, talk } = room(2);
    talk('1', '2', '3', '4', '5');
    await turns();

    const got: string[] = [];
    for (let messages = messagesOf(client); messages.length > 0; messages = messagesOf(client)) {
      got.push(...messages.map(({ body }) => body));
      acknowledge(client, ...messages);
      await turns();
    }

    expect(got).toEqual(['1', '2', '3', '4', '5']);
  });

  test('has the position that all other subscribers saw', async () => {
    const { client, talk } = room(1, {}, { ack: 'client-individual' });
    talk('1', '2');
    await turns();
    const first = messagesOf(client);

    acknowledge(client, ...first);
    await turns();

    const second = messagesOf(client);
    const positions = [...first, ...second].map(({ headers }) => headers['x-stream-offset']);
    expect(positions).toEqual(['1', '2']);
  });

  test('takes no memory of the session, however many messages there are', async () => {
    const { client, talk } = room(1, { unsentBytesMax: 1_000 });

    talk(...Array.from({ length: 20 }, () => 'x'.repeat(200)));

    expect(await bodiesOf(client)).toHaveLength(1);
    expect(client.closedWith).toBeNull();
  });

  test('is followed by live messages without a gap, once it was read', async () => {
    const { client, talk } = room(2);
    talk('1', '2', '3', '4');
    await turns();
    const early = messagesOf(client);

    acknowledge(client, ...early);
    talk('5');
    await turns();
    const late = messagesOf(client);
    acknowledge(client, ...late);
    talk('6');

    expect(late.map(({ body }) => body)).toEqual(['3', '4']);
    expect(await bodiesOf(client)).toEqual(['5', '6']);
  });

  test('is not delivered after UNSUBSCRIBE, even if an ACK has just made room for it', async () => {
    const { client, talk } = room(1);
    talk('1', '2');
    await turns();
    const [message] = messagesOf(client);
    const { id = '' } = message === undefined ? {} : nameOf(message);

    client.say(`ACK\nid:${id}\n\n\0UNSUBSCRIBE\nid:s\nreceipt:r\n\n\0`);
    await turns();

    expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT']);
  });

  test('ends the session, and no other, if it is no longer kept when there is room', async () => {
    const { broker, client, talk, talker } = room(1, { historyCount: 3 });
    talk('1', '2', '3', '4', '5', '6');
    await turns();

    acknowledge(client, ...messagesOf(client));
    await turns();

    expect(client.take()[0]?.headers).toMatchObject({ code: 'HISTORY_LOST' });
    expect(client.closedWith).toEqual({ code: 4003, reason: 'HISTORY_LOST' });
    expect(broker.ended).toHaveLength(1);
    expect(broker.index.has(ROOM)).toBe(false);
    expect(talker.closedWith).toBeNull();
  });

  test('may be the oldest that is kept', async () => {
    const { client, talk } = room(1, { historyCount: 3 });
    talk('1', '2', '3', '4');
    await turns();

    acknowledge(client, ...messagesOf(client));

    expect(await bodiesOf(client)).toEqual(['2']);
    expect(client.closedWith).toBeNull();
  });

  test('ends the session, with a bug in the log, if the history cannot be read', async () => {
    const { broker, client, talk } = room(1);
    broker.parts.engine.history = () => Promise.reject(new Error('the disk is gone'));
    talk('1', '2');
    await turns();

    acknowledge(client, ...messagesOf(client));
    await turns();

    expect(client.closedWith?.reason).toBe('INTERNAL');
    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('is dropped if it is ephemeral', async () => {
    const { client, talk, talker } = room(1);
    talk('1');
    talker.frame('SEND', { destination: ROOM, 'x-ephemeral': 'true' }, 'typing');
    talk('2');
    await turns();

    acknowledge(client, ...messagesOf(client));

    expect(await bodiesOf(client)).toEqual(['2']);
  });
});

describe('a subscriber of a room whose socket is slow', () => {
  const numbers = Array.from({ length: 30 }, (_, at) => at);
  const bodies = numbers.map((number) => `${number} `.padEnd(20 * KIB, '.'));
  const settings = { takeBytes: 64 * KIB, unsentBytesMax: 200 * KIB };

  test('is given no more than its socket takes, though its window is wide', async () => {
    const { client, talk } = room(100, settings);
    client.isStuck = true;

    talk(...bodies);
    await turns();

    expect(client.bufferedBytes).toBeLessThan(90 * KIB);
    expect(client.closedWith).toBeNull();
  });

  test('catches up a little at a time, and is not shed for it', async () => {
    const { client, talk } = room(100, settings);
    client.isStuck = true;
    talk(...bodies);
    await turns();

    const got: string[] = await bodiesOf(client);
    const most: number[] = [];
    for (let drain = 0; drain < 10; drain += 1) {
      client.drain();
      got.push(...(await bodiesOf(client)));
      most.push(client.bufferedBytes);
    }

    expect(got.map(Number.parseFloat)).toEqual(numbers);
    expect(Math.max(...most)).toBeLessThan(90 * KIB);
    expect(client.closedWith).toBeNull();
  });

  test('gets the rest of a large batch though its socket never filled', async () => {
    const { client, talk } = room(100, settings);

    talk(...bodies);
    await turns(60);

    expect((await bodiesOf(client)).map(Number.parseFloat)).toEqual(numbers);
  });
});
