import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../broker/config.ts';
import { acknowledge, bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import type { ReceivedFrame } from '../../support/parse-frames.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

const QUEUE = '/queue/work';
const KIB = 1_024;

/** A broker, a sender, and so many consumers. */
function work(consumers: readonly Record<string, string>[], settings: Partial<Config> = {}) {
  const broker = memoryBroker(settings);
  const sender = broker.connect();
  const clients = consumers.map((headers) => consume(broker.connect(), headers));
  const [first = sender, second = sender] = clients;
  return { broker, first, second, sender, put: put(sender) };
}

function put(sender: MemoryTransport) {
  return (...bodies: string[]) => send(sender, QUEUE, ...bodies);
}

function consume(client: MemoryTransport, headers: Record<string, string> = {}): MemoryTransport {
  client.frame('SUBSCRIBE', { id: 's', destination: QUEUE, ack: 'client', ...headers });
  return client;
}

async function takeOne(client: MemoryTransport) {
  await turns();
  const [message] = messagesOf(client);
  if (message === undefined) throw new Error('there is no message');
  return message;
}

describe('a message to a queue', () => {
  test('goes to one of the subscribers, in turn', async () => {
    const { first, put, second } = work([{}, { ack: 'auto' }]);

    put('1', '2', '3', '4');

    expect([await bodiesOf(first), await bodiesOf(second)]).toEqual([
      ['1', '3'],
      ['2', '4'],
    ]);
  });

  test('does not wait for a session that has room again after its write', async () => {
    const { first, put } = work([{ 'prefetch-count': '2' }], { takeBytes: 64 * KIB });
    for (const id of ['t', 'u']) consume(first, { id, 'prefetch-count': '2' });
    first.take();

    // Two of these exceed what the session takes at once, so its third subscription has no room.
    put(...Array.from({ length: 6 }, () => 'x'.repeat(40 * KIB)));
    await turns();

    const subscriptions = messagesOf(first).map(({ headers }) => headers.subscription ?? '');
    expect(subscriptions.sort()).toEqual(['s', 's', 't', 't', 'u', 'u']);
  });

  test('has no position, and the headers of the SEND', async () => {
    const { first, sender } = work([{}]);

    sender.frame('SEND', { destination: QUEUE, colour: 'red', receipt: 'r' }, 'hi');

    const { headers } = await takeOne(first);
    expect(headers).toEqual({
      ack: '1-1',
      colour: 'red',
      'content-length': '2',
      destination: QUEUE,
      'message-id': expect.stringMatching(/^[0-9a-f]+-\d+$/),
      subscription: 's',
    });
    expect(sender.take()).toEqual([
      { command: 'RECEIPT', headers: { 'receipt-id': 'r' }, body: '' },
    ]);
  });

  test.each(['x-deduplication-id', 'x-ephemeral'])('is kept whatever its %s', async (name) => {
    const { broker, sender } = work([]);
    for (const body of ['1', '2']) {
      sender.frame('SEND', { destination: QUEUE, [name]: 'true' }, body);
    }
    await turns();

    const late = consume(broker.connect());

    expect(await bodiesOf(late)).toEqual(['1', '2']);
  });

  test('comes after the RECEIPT of the SUBSCRIBE, which waits for the replies before it', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    send(broker.connect(), QUEUE, 'early');
    const client = broker.connect();
    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    consume(client, { receipt: '2' });
    await turns();

    const before = client.take();
    await commit();

    expect(before).toEqual([]);
    expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT', 'RECEIPT', 'MESSAGE']);
  });

  test('is put after the SENDs before it are committed', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const [client, sender] = [consume(broker.connect()), broker.connect()];
    send(sender, '/topic/x', 'slow');
    send(sender, QUEUE, 'fast');

    const before = await bodiesOf(client);
    await commit();

    expect([before, await bodiesOf(client)]).toEqual([[], ['fast']]);
  });

  test('is put though its sender has said goodbye before its turn', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const [client, sender] = [consume(broker.connect()), broker.connect()];
    send(sender, '/topic/x', 'slow');
    send(sender, QUEUE, 'fast');
    sender.frame('DISCONNECT');

    await commit();

    expect(await bodiesOf(client)).toEqual(['fast']);
  });
});

describe('a message that was delivered and not acknowledged', () => {
  test.each([
    ['unsubscribes', (client: MemoryTransport) => client.frame('UNSUBSCRIBE', { id: 's' })],
    ['says goodbye', (client: MemoryTransport) => client.frame('DISCONNECT')],
    ['is lost', (client: MemoryTransport) => client.lose()],
    ['breaks the protocol', (client: MemoryTransport) => client.frame('NONSENSE')],
  ])('goes to another consumer, marked, when its own one %s', async (_how, end) => {
    const { first, put, second } = work([{ 'prefetch-count': '2' }, { 'prefetch-count': '2' }]);
    put('1', '2', '3', '4');
    await turns();
    const open = messagesOf(first).map(({ body }) => body);
    acknowledge(second, ...messagesOf(second));

    end(first);
    await turns();

    const again = messagesOf(second);
    expect(again.map(({ body }) => body)).toEqual(open);
    expect(again.map(({ headers }) => headers.redelivered)).toEqual(['true', 'true']);
  });

  test('waits for the next consumer where there is no other', async () => {
    const { broker, first, put } = work([{}]);
    put('1');
    await turns();
    first.lose();

    const late = consume(broker.connect(), { ack: 'auto' });

    const { body, headers } = await takeOne(late);
    expect([body, headers.redelivered, headers.ack]).toEqual(['1', 'true', undefined]);
  });

  test('is gone with its ACK, also for later consumers', async () => {
    const { broker, first, put } = work([{}]);
    put('1');
    acknowledge(first, await takeOne(first));
    first.lose();

    const late = consume(broker.connect());

    expect(await bodiesOf(late)).toEqual([]);
  });
});

describe('a NACK', () => {
  test('gives the message to another consumer at once', async () => {
    const { first, put, second } = work([{}, {}]);
    put('1');

    first.frame('NACK', nameOf(await takeOne(first)));

    const { body, headers } = await takeOne(second);
    expect([body, headers.redelivered]).toEqual(['1', 'true']);
  });

  test('with client gives all before it as well', async () => {
    const { first, put, second } = work([{}]);
    put('1', '2', '3');
    await turns();
    const [, middle] = messagesOf(first);
    consume(second, { id: 't' });

    if (middle !== undefined) first.frame('NACK', nameOf(middle));

    expect(await bodiesOf(second)).toEqual(['1', '2']);
  });

  test('brings the message back after a delay that grows, where there is no other', async () => {
    const { broker, first, put } = work([{}], { queueRetryMs: 100 });
    put('1');
    const delays: number[] = [];
    let message = await takeOne(first);

    for (let time = 0; time < 4; time += 1) {
      const from = broker.clock.now();
      first.frame('NACK', nameOf(message));
      let back: ReceivedFrame | undefined;
      while (back === undefined) {
        broker.clock.advance(50);
        await turns();
        [back] = messagesOf(first);
      }
      delays.push(broker.clock.now() - from);
      message = back;
    }

    expect(delays).toEqual([100, 200, 400, 800]);
  });

  test('after the last delivery moves it to the dead-letter queue, which can be subscribed to', async () => {
    const { broker, first, put, second } = work([{}, {}], { queueDeliveriesMax: 3 });
    put('1');

    for (const client of [first, second, first]) {
      client.frame('NACK', nameOf(await takeOne(client)));
    }
    const mourner = consume(broker.connect(), { destination: '/queue/dead/work' });

    const { body, headers } = await takeOne(mourner);
    expect([body, headers.destination, headers.redelivered]).toEqual([
      '1',
      '/queue/dead/work',
      undefined,
    ]);
    expect(broker.parts.queues.size).toBe(2);
  });
});

describe('an auto consumer', () => {
  const big = Array.from({ length: 10 }, (_, at) => `${at} `.padEnd(20 * KIB, '.'));
  const settings = { takeBytes: 64 * KIB, unsentBytesMax: 256 * KIB };

  test('takes no more than a little when it does not read, and goes on when it does', async () => {
    const { first, put } = work([{ ack: 'auto' }], settings);
    first.isStuck = true;
    put(...big);

    const early = await bodiesOf(first);
    const buffered = first.bufferedBytes;
    first.drain();
    const late = await bodiesOf(first);

    expect([early.length, late.length]).toEqual([4, 4]);
    expect(buffered).toBeLessThan(90 * KIB);
    expect(first.closedWith).toBeNull();
  });

  test('that does not read leaves the rest to others', async () => {
    const { first, put, second } = work([{ ack: 'auto' }, { ack: 'auto' }], settings);
    first.isStuck = true;

    put(...big, ...big, ...big);

    const taken = (await bodiesOf(first)).length;
    expect(taken).toBeLessThan(5);
    expect((await bodiesOf(second)).length).toBe(30 - taken);
  });

  test('may have many subscriptions, and is not shed for what they take together', async () => {
    const { broker, put } = work([]);
    put(...Array.from({ length: 30 }, () => 'x'.repeat(200 * KIB)));
    const client = broker.connect();
    client.isStuck = true;

    for (let id = 0; id < 30; id += 1) consume(client, { ack: 'auto', id: String(id) });
    await turns();

    expect(client.closedWith).toBeNull();
    expect(client.bufferedBytes).toBeLessThan(512 * KIB);
  });

  test('is given nothing more once its connection is lost, though its end still waits for a commit', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({ appendsMax: 1 }, { engine });
    const [lost, sender] = [consume(broker.connect(), { ack: 'auto' }), broker.connect()];
    // The session is not read until the commit, so it ends only then.
    send(lost, '/topic/x', 'slow');
    lost.lose();

    send(sender, QUEUE, '1');
    await turns();
    await commit();
    const other = consume(broker.connect(), { ack: 'auto' });

    expect(await bodiesOf(other)).toEqual(['1']);
  });
});
