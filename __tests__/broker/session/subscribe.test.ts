import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { FanOut } from '../../../broker/routing/fan-out.ts';
import { LATENESSES } from '../../support/late-engine.ts';
import { memoryBroker as createBroker } from '../../support/memory-broker.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

describe('a SUBSCRIBE whose RECEIPT has to wait', () => {
  test('delivers nothing before its RECEIPT, which waits for the replies before it', async () => {
    const { commit, engine } = slowEngine();
    const broker = createBroker({}, { engine });
    const client = broker.connect();
    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', receipt: '2' });
    const [place] = broker.index.subscribersOf('/topic/x');
    const [subscription] = [...(place?.groups.values() ?? [])].flatMap(({ members }) => members);

    subscription?.outlet.write(Buffer.from('MESSAGE\nsubscription:s\n\nheld\0'));
    expect(client.take()).toEqual([]);
    await commit();

    expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT', 'RECEIPT', 'MESSAGE']);
  });

  test('counts the messages that it holds against the limit of unsent bytes', async () => {
    const { commit, engine } = slowEngine();
    const broker = createBroker({ unsentBytesMax: 100 }, { engine });
    const client = broker.connect();
    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', receipt: '2' });
    const message = { headers: [], body: Buffer.alloc(200) };
    const publication = {
      id: '1',
      destination: '/topic/x',
      message,
      offset: null,
      isEphemeral: false,
    };

    void new FanOut(broker.index, broker.parts.limits, broker.clock).deliver([publication]);
    await commit();

    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
  });
});

describe.each(LATENESSES)('with an engine that answers at once, or later (%s)', (lateness) => {
  const memoryBroker = (
    settings: Parameters<typeof createBroker>[0] = {},
    options: Parameters<typeof createBroker>[1] = {},
  ) => createBroker(settings, { ...options, lateness });
  /** Waits until the engine has answered, at once or some turns later. */
  const answered = () => turns(lateness === null ? 0 : 20);
  /** Waits until messages that were sent are committed and delivered. */
  const settled = () => turns(lateness === null ? 3 : 20);

  describe('SUBSCRIBE', () => {
    test('is live when its RECEIPT is there', async () => {
      const broker = memoryBroker();
      const [ada, bob] = [broker.connect(), broker.connect()];

      ada.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
      await answered();
      expect(ada.take()).toEqual([
        { command: 'RECEIPT', headers: { 'receipt-id': 'r' }, body: '' },
      ]);
      bob.frame('SEND', { destination: '/topic/x' }, 'hi');
      await settled();

      expect(ada.take().map(({ body }) => body)).toEqual(['hi']);
    });

    test('gets what the same session sends right after it', async () => {
      const client = memoryBroker().connect();

      client.say('SUBSCRIBE\nid:1\ndestination:/topic/x\n\n\0SEND\ndestination:/topic/x\n\nmine\0');
      await settled();

      expect(client.take().map(({ body }) => body)).toEqual(['mine']);
    });

    test('to a private topic that no handler knows is an ERROR', async () => {
      const application = new Application().keepPrivate('/inner/');
      const client = memoryBroker({}, { application }).connect();

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/inner/x' });

      await answered();
      expect(client.take()[0]?.headers.code).toBe('NO_SUCH_DESTINATION');
    });

    test('twice with one id is an ERROR', async () => {
      const client = memoryBroker().connect();

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/y', receipt: 'r' });

      await answered();
      expect(client.take()[0]?.headers).toMatchObject({
        code: 'DUPLICATE_SUBSCRIPTION',
        'receipt-id': 'r',
      });
    });

    test('to one destination under two ids delivers twice', async () => {
      const client = memoryBroker().connect();
      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
      client.frame('SUBSCRIBE', { id: '2', destination: '/topic/x' });

      client.frame('SEND', { destination: '/topic/x' }, 'hi');
      await settled();

      expect(client.take().map(({ headers }) => headers.subscription)).toEqual(['1', '2']);
    });

    test('beyond the limit of subscriptions is an ERROR', async () => {
      const client = memoryBroker({ subscriptionsMax: 2 }).connect();

      for (const id of ['1', '2', '3']) client.frame('SUBSCRIBE', { id, destination: '/topic/x' });

      await answered();
      expect(client.take()[0]?.headers.code).toBe('TOO_MANY_SUBSCRIPTIONS');
      expect(client.closedWith?.reason).toBe('PROTOCOL_ERROR');
    });

    test.each([
      [{ destination: '/topic/x' }, 'MISSING_HEADER'],
      [{ id: '1' }, 'MISSING_HEADER'],
      [{ id: '1', destination: '/topic/x', ack: 'sometimes' }, 'BAD_ACK_MODE'],
      [{ id: '1', destination: '/topic/x', 'x-stream-offset': 'first' }, 'NOTHING_KEPT'],
      [{ id: '1', destination: '/topic/x', 'prefetch-count': '-1' }, 'BAD_PREFETCH_COUNT'],
      [{ id: '1', destination: `/topic${'/*'.repeat(64)}` }, 'BAD_PATTERN'],
      [{ id: '1', destination: '/queue/*' }, 'BAD_PATTERN'],
      [{ id: '1', destination: '/user/bob/queue/x' }, 'UNKNOWN_DESTINATION'],
      [{ id: '1', destination: '/user/queue/' }, 'UNKNOWN_DESTINATION'],
      [{ id: '1', destination: '/elsewhere/x' }, 'UNKNOWN_DESTINATION'],
      [{ id: '1', destination: '/app/nobody' }, 'NO_SUCH_DESTINATION'],
    ])('with %j is an ERROR %s', async (headers, code) => {
      const client = memoryBroker().connect();

      client.frame('SUBSCRIBE', headers);

      await answered();
      expect(client.take()[0]?.headers.code).toBe(code);
      expect(client.closedWith).not.toBeNull();
    });

    test('that a handler rejects is an ERROR even where the errors queue is open', async () => {
      const application = new Application().topic('/vip', () => reject('NOT_YOU', 'no entry'));
      const client = memoryBroker({}, { application }).connect();
      client.frame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/vip' });

      await answered();
      expect(client.take()[0]).toMatchObject({ command: 'ERROR', headers: { code: 'NOT_YOU' } });
      expect(client.closedWith?.reason).toBe('REFUSED');
    });

    test('to an application destination is answered once, after its RECEIPT', async () => {
      const application = new Application().subscribe('/time/{zone}', async ({ params }) => params);
      const client = memoryBroker({}, { application }).connect();

      client.frame('SUBSCRIBE', { id: '1', destination: '/app/time/kst', receipt: 'r' });
      await settled();

      const frames = client.take();
      expect(frames.map(({ command }) => command)).toEqual(['RECEIPT', 'MESSAGE']);
      expect(frames[1]?.headers).toMatchObject({ destination: '/app/time/kst', subscription: '1' });
      expect(frames[1]?.body).toBe('{"zone":"kst"}');
    });

    test('to a topic with a handler begins with what the handler returns', async () => {
      const application = new Application().topic('/score', () => ({ home: 1 }));
      const client = memoryBroker({}, { application }).connect();

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/score', receipt: 'r' });
      client.frame('SEND', { destination: '/topic/score' }, 'later');
      await settled();

      expect(client.take().map(({ command, body }) => [command, body])).toEqual([
        ['RECEIPT', ''],
        ['MESSAGE', '{"home":1}'],
        ['MESSAGE', 'later'],
      ]);
    });
  });

  describe('UNSUBSCRIBE', () => {
    test('is followed by no MESSAGE of that subscription', async () => {
      const client = memoryBroker().connect();
      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });

      client.frame('UNSUBSCRIBE', { id: '1', receipt: 'r' });
      client.frame('SEND', { destination: '/topic/x' }, 'hi');
      await settled();

      expect(client.take().map(({ command }) => command)).toEqual(['RECEIPT']);
    });

    test('of what was never subscribed is an ERROR', async () => {
      const client = memoryBroker().connect();

      client.frame('UNSUBSCRIBE', { id: '1' });

      await answered();
      expect(client.take()[0]?.headers.code).toBe('NO_SUCH_SUBSCRIPTION');
    });

    test('lets the id be used again', async () => {
      const client = memoryBroker().connect();
      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });
      client.frame('UNSUBSCRIBE', { id: '1' });

      client.frame('SUBSCRIBE', { id: '1', destination: '/topic/y', receipt: 'r' });

      await answered();
      expect(client.take()[0]?.command).toBe('RECEIPT');
    });
  });

  describe('a 1.0 client', () => {
    test('subscribes without an id and unsubscribes by destination', async () => {
      const broker = memoryBroker();
      const client = broker.open().frame('CONNECT');
      client.frame('SUBSCRIBE', { destination: '/topic/x' });
      await answered();
      client.take();

      client.frame('SEND', { destination: '/topic/x' }, 'hi');
      await settled();
      const [message] = client.take();
      client.frame('UNSUBSCRIBE', { destination: '/topic/x' });

      expect(message?.headers).not.toHaveProperty('subscription');
      expect(message?.body).toBe('hi');
      expect(broker.index.has('/topic/x')).toBe(false);
    });

    test('does not know NACK', async () => {
      const client = memoryBroker().open().frame('CONNECT');
      await answered();
      client.take();

      client.frame('NACK', { 'message-id': '1' });

      await answered();
      expect(client.take()[0]?.headers.code).toBe('UNKNOWN_COMMAND');
    });
  });
});
