import { describe, expect, test } from '@jest/globals';
import { acknowledge, bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import type { ReceivedFrame } from '../../support/parse-frames.ts';
import { turns } from '../../support/turns.ts';

const DESTINATIONS = ['/topic/x', '/topic/kept/x', '/topic/*', '/queue/x'];

/** A client with one subscription, and another client that sends to it. */
function subscribed(headers: Record<string, string>, connect: Record<string, string> = {}) {
  const broker = memoryBroker();
  const [client, sender] = [broker.connect(connect), broker.connect()];
  client.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', ...headers });
  client.take();
  const destination = (headers.destination ?? '/topic/x').replace('*', 'x');
  const sent = (...bodies: string[]) => send(sender, destination, ...bodies);
  return { broker, client, sender, sent };
}

/** The headers of the ERROR that the client received. */
function errorOf(client: MemoryTransport): ReceivedFrame['headers'] | undefined {
  return client.take().find(({ command }) => command === 'ERROR')?.headers;
}

describe.each(DESTINATIONS)('a subscription to %s', (destination) => {
  test.each(['client', 'client-individual'])(
    'with %s gets no more than its window without an ACK',
    async (ack) => {
      const { client, sent } = subscribed({ ack, destination, 'prefetch-count': '2' });

      sent('1', '2', '3', '4');

      expect(await bodiesOf(client)).toEqual(['1', '2']);
    },
  );

  test('with client goes on by as many as an ACK settles, with all before it', async () => {
    const { client, sent } = subscribed({ ack: 'client', destination, 'prefetch-count': '3' });
    sent('1', '2', '3', '4', '5', '6', '7');
    await turns();
    const [, second] = messagesOf(client);

    if (second !== undefined) acknowledge(client, second);

    expect(await bodiesOf(client)).toEqual(['4', '5']);
  });

  test('with client-individual goes on by one for each ACK, in any order', async () => {
    const ack = 'client-individual';
    const { client, sent } = subscribed({ ack, destination, 'prefetch-count': '3' });
    sent('1', '2', '3', '4', '5', '6', '7');
    await turns();
    const [first, , third] = messagesOf(client);

    if (third !== undefined) acknowledge(client, third);
    const afterThird = await bodiesOf(client);
    if (first !== undefined) acknowledge(client, first);

    expect([afterThird, await bodiesOf(client)]).toEqual([['4'], ['5']]);
  });

  test('with auto needs no ACK, and says so by having no ack header', async () => {
    const { client, sent } = subscribed({ destination, 'prefetch-count': '1' });

    sent('1', '2', '3');
    await turns();

    const messages = messagesOf(client);
    expect(messages.map(({ body }) => body)).toEqual(['1', '2', '3']);
    expect(messages.filter(({ headers }) => 'ack' in headers)).toEqual([]);
  });
});

describe.each(['1.0', '1.1', '1.2'])('in STOMP %s', (version) => {
  const connect = { 'accept-version': version };

  test('a MESSAGE has an ack header only if ACKs name it so', async () => {
    const { client, sent } = subscribed({ ack: 'client' }, connect);

    sent('1');
    await turns();

    const [message] = messagesOf(client);
    expect('ack' in (message?.headers ?? {})).toBe(version === '1.2');
  });

  test.each(DESTINATIONS)('an ACK gets its RECEIPT, and makes room: %s', async (destination) => {
    const headers = { ack: 'client', destination, 'prefetch-count': '1' };
    const { client, sent } = subscribed(headers, connect);
    sent('1', '2');
    await turns();
    const [message] = messagesOf(client);

    if (message !== undefined) client.frame('ACK', { ...nameOf(message), receipt: 'r' });
    await turns();

    const frames = client.take().map(({ body, command }) => [command, body]);
    expect(frames).toContainEqual(['MESSAGE', '2']);
    expect(frames).toContainEqual(['RECEIPT', '']);
  });

  test('an ACK counts for the subscription that it names alone', async () => {
    const { client, sent } = subscribed({ ack: 'client', 'prefetch-count': '1' }, connect);
    const other = { id: 't', destination: '/topic/x', ack: 'client', 'prefetch-count': '1' };
    client.frame('SUBSCRIBE', other);
    sent('1', '2');
    await turns();
    const messages = messagesOf(client);

    acknowledge(client, ...messages.filter(({ headers }) => headers.subscription === 't'));
    await turns();

    const more = messagesOf(client);
    expect(messages.map(({ body }) => body)).toEqual(['1', '1']);
    expect(more.map(({ body, headers }) => [headers.subscription, body])).toEqual([['t', '2']]);
  });
});

describe('in STOMP 1.0', () => {
  test('a message-id is enough, with and without ids of subscriptions', async () => {
    const connect = { 'accept-version': '1.0' };
    const { client, sent } = subscribed({ ack: 'client', 'prefetch-count': '1' }, connect);
    const nameless = { destination: '/topic/*', ack: 'client', 'prefetch-count': '1' };
    client.frame('SUBSCRIBE', nameless);
    sent('1', '2');
    await turns();
    const messages = messagesOf(client);

    for (const { headers } of messages) {
      client.frame('ACK', { 'message-id': headers['message-id'] ?? '' });
    }

    expect(messages).toHaveLength(2);
    expect(await bodiesOf(client)).toEqual(['2', '2']);
    expect(client.closedWith).toBeNull();
  });
});

describe('a NACK on a topic', () => {
  test('only makes room', async () => {
    const { client, sent } = subscribed({ ack: 'client', 'prefetch-count': '2' });
    sent('1', '2', '3');
    await turns();
    const [, second] = messagesOf(client);

    if (second !== undefined) client.frame('NACK', nameOf(second));

    expect(await bodiesOf(client)).toEqual(['3']);
  });
});

describe('an ACK that names nothing', () => {
  test.each(['', 'x', '1-2', '1-0', '2-1', '0-1', '1-', '-1', '1-1-1', `${'9'.repeat(16)}-1`])(
    'is an ERROR in 1.2: %j',
    async (id) => {
      const { client, sent } = subscribed({ ack: 'client' });
      sent('1');
      await turns();
      client.take();

      client.frame('ACK', { id, receipt: 'r' });

      expect(errorOf(client)).toMatchObject({ code: 'NO_SUCH_DELIVERY', 'receipt-id': 'r' });
      expect(client.closedWith?.reason).toBe('PROTOCOL_ERROR');
    },
  );

  test.each([
    { subscription: 's', 'message-id': 'other' },
    { subscription: 'other', 'message-id': 'the one' },
  ])('is an ERROR in 1.1: %j', async (named) => {
    const { client, sent } = subscribed({ ack: 'client' }, { 'accept-version': '1.1' });
    sent('1');
    await turns();
    const id = messagesOf(client)[0]?.headers['message-id'] ?? '';

    client.frame('ACK', { ...named, 'message-id': named['message-id'].replace('the one', id) });

    expect(errorOf(client)?.code).toBe('NO_SUCH_DELIVERY');
  });

  test.each(['/topic/x', '/queue/x'])(
    'is an ERROR where nothing is to acknowledge, on %s',
    async (destination) => {
      const { client, sent } = subscribed({ destination });
      sent('1');
      await turns();
      client.take();

      client.frame('ACK', { id: '1-1' });

      expect(errorOf(client)?.code).toBe('NO_SUCH_DELIVERY');
    },
  );

  test('is one that was made before, for this delivery alone', async () => {
    const { client, sent } = subscribed({ ack: 'client-individual' });
    sent('1');
    await turns();
    const messages = messagesOf(client);

    acknowledge(client, ...messages, ...messages);

    expect(errorOf(client)?.code).toBe('NO_SUCH_DELIVERY');
  });

  test.each(['1.1', '1.0'])('is one of a subscription that has ended, in %s', async (version) => {
    const { client, sent } = subscribed({ ack: 'client' }, { 'accept-version': version });
    sent('1');
    await turns();
    const messages = messagesOf(client);
    client.frame('UNSUBSCRIBE', { id: 's' });

    acknowledge(client, ...messages);

    expect(errorOf(client)?.code).toBe('NO_SUCH_DELIVERY');
  });
});

describe('an ACK in 1.2 is forgiven', () => {
  test('for what a later one has settled', async () => {
    const { client, sent } = subscribed({ ack: 'client' });
    sent('1', '2');
    await turns();

    acknowledge(client, ...messagesOf(client).reverse());

    expect(client.take()).toEqual([]);
    expect(client.closedWith).toBeNull();
  });

  test('for a subscription that has ended, whoever has its id now', async () => {
    const { client, sent } = subscribed({ ack: 'client', 'prefetch-count': '1' });
    sent('1');
    await turns();
    const old = messagesOf(client);
    client.frame('UNSUBSCRIBE', { id: 's' });
    const again = { id: 's', destination: '/topic/x', ack: 'client', 'prefetch-count': '1' };
    client.frame('SUBSCRIBE', again);
    sent('2', '3');
    await turns();
    client.take();

    acknowledge(client, ...old);

    expect(await bodiesOf(client)).toEqual([]);
    expect(client.closedWith).toBeNull();
  });
});

describe('the window', () => {
  test.each([
    ['the prefetch-count of the SUBSCRIBE', { 'prefetch-count': '3' }, 3],
    ['the setting, without a prefetch-count', {}, 2],
    ['the largest that is allowed, for 0', { 'prefetch-count': '0' }, 4],
    ['no more than is allowed', { 'prefetch-count': '999999999' }, 4],
  ])('is %s', async (_what, headers, size) => {
    const broker = memoryBroker({ prefetchCount: 2, prefetchMax: 4 });
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', ack: 'client', ...headers });

    send(client, '/topic/x', '1', '2', '3', '4', '5', '6');

    expect(await bodiesOf(client)).toHaveLength(size);
  });

  test('of one that acknowledges nothing costs the others nothing', async () => {
    const { broker, client, sent } = subscribed({ ack: 'client', 'prefetch-count': '1' });
    const [auto, acked] = [broker.connect(), broker.connect()];
    auto.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
    acked.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', ack: 'client' });

    sent('1', '2', '3');

    expect(await bodiesOf(client)).toEqual(['1']);
    expect(await bodiesOf(auto)).toEqual(['1', '2', '3']);
    expect(await bodiesOf(acked)).toEqual(['1', '2', '3']);
  });
});

describe('an ACK of 1.2 that names the message', () => {
  const ackOf = (client: MemoryTransport) => {
    const [message] = messagesOf(client);
    return { id: message?.headers['message-id'] ?? '', receipt: 'r' };
  };

  test('settles the only delivery of it', async () => {
    const { client, sent } = subscribed({ ack: 'client-individual', 'prefetch-count': '1' });
    sent('1', '2');
    await turns();

    client.frame('ACK', ackOf(client));
    await turns();

    const frames = client.take();
    expect(frames.map(({ command }) => command)).toEqual(
      expect.arrayContaining(['RECEIPT', 'MESSAGE']),
    );
  });

  test('is refused where two subscriptions have it open', async () => {
    const { client, sent } = subscribed({ ack: 'client-individual' });
    client.frame('SUBSCRIBE', { id: 't', destination: '/topic/x', ack: 'client-individual' });
    sent('1');
    await turns();

    client.frame('NACK', ackOf(client));

    expect(errorOf(client)).toMatchObject({ code: 'NO_SUCH_DELIVERY' });
  });
});
