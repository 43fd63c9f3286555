import { describe, expect, test } from '@jest/globals';
import { Bystander } from '../support/bystander.ts';
import { frameText } from '../support/frame-text.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

// What one session may ask of the server. `npm run abuse` plays the same for longer, and measures it.

const TOPIC = '/topic/abuse';
const ERRORS = '/user/queue/errors';
const REFUSED = frameText('SEND', { destination: '/app/nowhere' });

function subscribeMany(count: number, destinationOf: (at: number) => string): string {
  const one = (at: number) =>
    frameText('SUBSCRIBE', { destination: destinationOf(at), id: `${at}`, receipt: `${at}` });
  return Array.from({ length: count }, (_, at) => one(at)).join('');
}

async function receiptsBeforeError(client: SocketClient): Promise<number> {
  await client.expectClose();
  return client.frames.filter(({ command }) => command === 'RECEIPT').length;
}

describe('many subscriptions of one session', () => {
  test.each([
    ['a topic', TOPIC],
    ['what it is refused', ERRORS],
    ['a pattern', '/topic/abuse/**'],
  ])('the ninth to %s ends it, and others are served', async (_name, destination) => {
    const { url } = await startServer();
    const bystander = await Bystander.start(url);
    const client = await SocketClient.connect(url);

    client.say(subscribeMany(9, () => destination));

    const { headers } = await client.expectFrame('ERROR');
    expect(headers).toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS', 'receipt-id': '8' });
    expect(await receiptsBeforeError(client)).toBe(8);
    const { heard, said } = await bystander.finish();
    expect(heard).toEqual(said);
  });

  test('a queue may have many, as each is a consumer of its own', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);

    client.say(subscribeMany(50, () => '/queue/work'));

    await client.expectReceipt('49');
    expect(client.closed).toBeNull();
  });

  test('a session without acknowledgements and one with them are given each message as often', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);
    const headers = `a:${':'.repeat(8_000)}\n`.repeat(20);

    client.say(subscribeMany(4, () => TOPIC));
    for (let at = 4; at < 8; at += 1) {
      client.frame('SUBSCRIBE', { destination: TOPIC, id: `${at}`, ack: 'client' });
    }
    client.say(`SEND\ndestination:${TOPIC}\n${headers}receipt:sent\n\nx\0`);
    await client.expectReceipt('sent');
    // What one packet holds may come after the RECEIPT.
    client.frame('SEND', { destination: '/topic/none', receipt: 'all' });
    await client.expectReceipt('all');

    const ids = client.frames
      .filter(({ command }) => command === 'MESSAGE')
      .map(({ headers: own }) => own.subscription);
    expect(new Set(ids)).toEqual(new Set(['0', '1', '2', '3', '4', '5', '6', '7']));
    expect(ids).toHaveLength(8);
  });
});

describe('refusals without end', () => {
  test('each is told once, however often the session listens', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);

    client.say(subscribeMany(8, () => ERRORS));
    client.say(REFUSED);
    client.frame('SEND', { destination: '/topic/none', receipt: 'all' });
    await client.expectReceipt('all');

    const told = client.frames.filter(({ command }) => command === 'MESSAGE');
    expect(told.length).toBe(1);
  });

  test('more than a hundred of them end the session, and others are served', async () => {
    const { url } = await startServer();
    const bystander = await Bystander.start(url);
    const client = await SocketClient.connect(url);

    await client.subscribe(ERRORS, 'errors');
    client.say(REFUSED.repeat(5_000));

    const { headers } = await client.expectFrame('ERROR');
    expect(headers.code).toBe('TOO_MANY_REFUSALS');
    expect((await client.expectClose()).code).toBe(1008);
    const told = client.frames.filter(({ command }) => command === 'MESSAGE');
    expect(told.length).toBe(100);
    const { heard, said } = await bystander.finish();
    expect(heard).toEqual(said);
  });

  test('one that talks too fast lives on, and is told so a few times only', async () => {
    const { url } = await startServer({ chatRate: 1 });
    const client = await SocketClient.connect(url);
    const talk = frameText(
      'SEND',
      { destination: '/app/chat/message' },
      JSON.stringify({ type: 'TALK', roomId: '7', sender: 'Kim', message: 'x' }),
    );

    await client.subscribe(ERRORS, 'errors');
    client.say(talk.repeat(1_000));
    client.frame('SEND', { destination: '/topic/none', receipt: 'all' });
    await client.expectReceipt('all');

    const told = client.frames.filter(({ command }) => command === 'MESSAGE');
    expect(told.every(({ headers }) => headers.code === 'RATE_LIMITED')).toBe(true);
    expect(told.length).toBeLessThanOrEqual(30);
  });
});

describe('patterns', () => {
  test('a session has a hundred at the most, and another one may have its own', async () => {
    const { url } = await startServer();
    const client = await SocketClient.connect(url);
    const other = await SocketClient.connect(url);

    client.say(subscribeMany(101, (at) => `/topic/a/*/${at}`));

    const { headers } = await client.expectFrame('ERROR');
    expect(headers).toMatchObject({ code: 'TOO_MANY_PATTERNS', 'receipt-id': '100' });
    await other.subscribe('/topic/mine/*', 'mine');
    other.frame('SEND', { destination: '/topic/mine/x' }, 'heard');
    expect((await other.expectFrame('MESSAGE')).body).toBe('heard');
  });
});

test('a session that pipelines does not keep the others from being served', async () => {
  const { url } = await startServer();
  const bystander = await Bystander.start(url);
  const client = await SocketClient.connect(url);
  const begin = frameText('BEGIN', { transaction: 't' }) + frameText('ABORT', { transaction: 't' });

  client.say(frameText('SEND', { destination: TOPIC }, 'x').repeat(20_000));
  client.say(begin.repeat(10_000));
  client.say('\n'.repeat(500_000));
  client.frame('SEND', { destination: '/topic/none', receipt: 'all' });

  await client.expectReceipt('all');
  const { heard, said } = await bystander.finish();
  expect(heard).toEqual(said);
});
