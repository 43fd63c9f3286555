import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import type { Config } from '../../../broker/config.ts';
import { type MemoryBroker, memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const OPEN = { patternsSeePrivate: true };

/** A broker with a topic that a handler guards, and one below a private topic. */
function broker(settings: Partial<Config> = {}): MemoryBroker {
  const application = new Application()
    .keepPrivate('/own/')
    .topic('/own/room/{room}', () => 'first')
    .topic('/guarded/{room}', () => undefined)
    .message('/say/{room}', ({ params }) => ({
      publish: [sendTo(`/topic/own/room/${params.room}`, 'said')],
    }));
  return memoryBroker(settings, { application });
}

async function listener(
  from: MemoryBroker,
  destination: string,
  more: Record<string, string> = {},
): Promise<MemoryTransport> {
  const client = from.connect();
  client.frame('SUBSCRIBE', { id: 'p', destination, ...more });
  await turns();
  return client;
}

/** Sends to each destination, and returns those from which the client received a MESSAGE. */
async function heardOf(
  from: MemoryBroker,
  client: MemoryTransport,
  ...destinations: string[]
): Promise<(string | undefined)[]> {
  const sender = from.connect();
  for (const destination of destinations) sender.frame('SEND', { destination }, 'x');
  await turns();
  return client.take().map(({ headers }) => headers.destination);
}

/** The code of the ERROR that a SUBSCRIBE or SEND ends with. */
async function refusalOf(
  from: MemoryBroker,
  command: 'SEND' | 'SUBSCRIBE',
  destination: string,
): Promise<string | undefined> {
  const client = from.connect();
  client.frame(command, { id: 'p', destination });
  await turns();
  return client.take().find((frame) => frame.command === 'ERROR')?.headers.code;
}

describe('a subscription to a pattern', () => {
  test('gets the messages that match, each with the destination where it was published', async () => {
    const from = broker();
    const client = await listener(from, '/topic/price/*');

    const heard = await heardOf(from, client, '/topic/price/a', '/topic/price.b', '/topic/price/c');

    expect(heard).toEqual(['/topic/price/a', '/topic/price/c']);
  });

  test('gets a message as well as a subscription to the name, each under its own id', async () => {
    const from = broker();
    const client = await listener(from, '/topic/a.*');
    client.frame('SUBSCRIBE', { id: 'n', destination: '/topic/a.b' });
    await turns();

    from.connect().frame('SEND', { destination: '/topic/a.b' }, 'x');
    await turns();

    const ids = client.take().map(({ headers }) => headers.subscription);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set(['n', 'p']));
  });

  test('is not replaced by another pattern that matches the same destinations', async () => {
    const from = broker();
    const client = await listener(from, '/topic/a/**');
    const other = await listener(from, '/topic/a.**');
    other.frame('UNSUBSCRIBE', { id: 'p' });

    expect(await heardOf(from, client, '/topic/a/b')).toEqual(['/topic/a/b']);
  });

  test('is acknowledged like others', async () => {
    const from = broker();
    const client = await listener(from, '/topic/**', { ack: 'client', 'prefetch-count': '1' });
    const sender = from.connect();
    for (const name of ['a', 'b']) sender.frame('SEND', { destination: `/topic/${name}` }, name);
    await turns();
    const [first, ...early] = client.take();

    client.frame('ACK', { id: first?.headers.ack ?? '' });
    await turns();

    expect(early).toEqual([]);
    expect(client.take().map(({ body }) => body)).toEqual(['b']);
  });

  test.each(['UNSUBSCRIBE', 'the end of its session'])('is gone after %s', async (how) => {
    const from = broker();
    const client = await listener(from, '/topic/**/a');

    if (how === 'UNSUBSCRIBE') client.frame('UNSUBSCRIBE', { id: 'p' });
    else client.lose();

    expect(from.index.patternCount).toBe(0);
    expect(from.index.subscribersOf('/topic/a')).toEqual([]);
  });

  test.each(['/topic/*b', '/topic/a*b', '/topic/***'])(
    '%s is a subscription to a name',
    async (name) => {
      const from = broker();
      const client = await listener(from, name);

      expect(from.index.patternCount).toBe(0);
      expect(await heardOf(from, client, name, '/topic/ab')).toEqual([name]);
    },
  );

  test('matches an empty segment', async () => {
    const from = broker();
    const client = await listener(from, '/topic/a/*/b');

    expect(await heardOf(from, client, '/topic/a//b', '/topic/a/b')).toEqual(['/topic/a//b']);
  });

  test('stays below a topic prefix that has dots in it', async () => {
    const from = broker({ topicPrefix: '/my.topic', queuePrefix: '/my.queue' });
    const client = await listener(from, '/my.topic/**');

    const sent = ['/my.topic/a', '/my.queue/a', '/my.topic/own/room/7'];
    expect(await refusalOf(from, 'SUBSCRIBE', '/my.**')).toBe('BAD_PATTERN');
    expect(await refusalOf(from, 'SUBSCRIBE', '/*/a')).toBe('BAD_PATTERN');
    expect(await heardOf(from, client, ...sent)).toEqual(['/my.topic/a']);
  });
});

describe('a destination that is not a pattern of topics', () => {
  test.each([
    '/queue/*',
    '/queue/a.**',
    '/app/*',
    '/user/queue/*',
    '/user/queue/**',
    '/user/*/queue/a',
    '/**',
    '/*/a',
    '/else/*',
    '/topic.*',
    '/topic.**',
  ])('%s is refused', async (destination) => {
    expect(await refusalOf(broker(), 'SUBSCRIBE', destination)).toBe('BAD_PATTERN');
  });

  test.each([
    '/topic/*',
    '/topic/a.**',
    '/queue/*',
    '/app/say/*',
    '/user/*/queue/a',
    '/user/*/queue/errors',
    '/user/kim/queue/**',
    '/topic/own/**',
  ])('a SEND to %s is refused', async (destination) => {
    expect(await refusalOf(broker({ trustLogin: true }), 'SEND', destination)).toBe(
      'UNKNOWN_DESTINATION',
    );
  });

  test('a pattern has at most 24 segments', async () => {
    const most = `/topic${'/*'.repeat(23)}`;

    expect(await refusalOf(broker(), 'SUBSCRIBE', most)).toBeUndefined();
    expect(await refusalOf(broker(), 'SUBSCRIBE', `${most}.*`)).toBe('BAD_PATTERN');
  });

  test('a pattern beyond the limit is refused; a known one is not', async () => {
    const from = broker({ patternsMax: 1 });
    await listener(from, '/topic/*');

    expect(await refusalOf(from, 'SUBSCRIBE', '/topic/*')).toBeUndefined();
    expect(await refusalOf(from, 'SUBSCRIBE', '/topic/**')).toBe('TOO_MANY_PATTERNS');
  });

  test('a handler that publishes to a pattern made of its input has a bug, and nobody gets the message', async () => {
    const application = new Application().message('/say', (request) => ({
      publish: [sendTo(`/topic/rooms/${request.text()}`, 'said')],
    }));
    const from = memoryBroker({}, { application });
    const client = await listener(from, '/topic/rooms/*');
    const sender = from.connect();

    sender.frame('SEND', { destination: '/app/say' }, '*');
    await turns();

    expect(sender.take()[0]?.headers.code).toBe('INTERNAL');
    expect(client.take()).toEqual([]);
  });
});

describe('a destination that only the application sends to', () => {
  test.each(['/topic/**', '/topic/*/room/7', '/topic/**/7', '/topic/own.**', '/topic/**.**'])(
    'is not seen through %s',
    async (pattern) => {
      const from = broker();
      const client = await listener(from, pattern);

      expect(await heardOf(from, client, '/app/say/7', '/topic/guarded/7')).toEqual([]);
    },
  );

  test.each(['/topic/own/**', '/topic/own/*', '/topic/own/room/*', '/topic/own/room/7.**'])(
    'is refused to %s, which lies wholly there',
    async (pattern) => {
      expect(await refusalOf(broker(), 'SUBSCRIBE', pattern)).toBe('NOT_YOURS_TO_HEAR');
    },
  );

  test.each(['/topic/**', '/topic/own/**', '/topic/own/room/*', '/topic/*/room/7'])(
    'is seen through %s where the setting lets it, with no first message',
    async (pattern) => {
      const from = broker(OPEN);
      const client = await listener(from, pattern);

      expect(await heardOf(from, client, '/app/say/7')).toEqual(['/topic/own/room/7']);
    },
  );

  test('still takes no SEND of a client where the setting opens it to patterns', async () => {
    expect(await refusalOf(broker(OPEN), 'SEND', '/topic/own/room/7')).toBe('NOT_YOURS_TO_SEND');
  });

  test.each([{}, OPEN])(
    'with %j no message of a user or a session is matched',
    async (settings) => {
      const from = broker({ ...settings, trustLogin: true });
      const client = await listener(from, '/topic/**');
      const kim = from.connect({ login: 'kim' });
      kim.frame('SUBSCRIBE', { id: 'own', destination: '/user/queue/a' });

      expect(await heardOf(from, client, '/user/kim/queue/a', '/queue/a')).toEqual([]);
      expect(kim.take()).toHaveLength(1);
    },
  );
});
