import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../../broker/application/application.ts';
import { sendTo } from '../../../../broker/application/reply.ts';
import { bodiesOf, messagesOf, nameOf, send } from '../../../support/deliveries.ts';
import { memoryBroker } from '../../../support/memory-broker.ts';
import type { MemoryTransport } from '../../../support/memory-transport.ts';
import type { ReceivedFrame } from '../../../support/parse-frames.ts';
import { slowEngine } from '../../../support/slow-engine.ts';
import { turns } from '../../../support/turns.ts';

const IN_T = { transaction: 't' };

function begin(client: MemoryTransport): MemoryTransport {
  return client.frame('BEGIN', IN_T);
}

function sendInT(client: MemoryTransport, destination: string, body = ''): void {
  client.frame('SEND', { ...IN_T, destination }, body);
}

function acked(client: MemoryTransport, destination: string, window = 1): MemoryTransport {
  const headers = { ack: 'client-individual', 'prefetch-count': String(window) };
  return client.frame('SUBSCRIBE', { id: 's', destination, ...headers });
}

async function takeOne(client: MemoryTransport): Promise<ReceivedFrame> {
  await turns();
  const [message] = messagesOf(client);
  if (message === undefined) throw new Error('there is no message');
  return message;
}

describe('a transaction', () => {
  test('publishes at its COMMIT, in order, and not before', async () => {
    const broker = memoryBroker();
    const [listener, client] = [broker.connect(), broker.connect()];
    listener.frame('SUBSCRIBE', { id: 's', destination: '/topic/*' });
    begin(client);
    sendInT(client, '/topic/kept', '1');
    sendInT(client, '/topic/x', '2');
    send(client, '/topic/x', 'outside');
    sendInT(client, '/topic/x', '3');

    const before = await bodiesOf(listener);
    client.frame('COMMIT', IN_T);

    expect(before).toEqual(['outside']);
    expect(await bodiesOf(listener)).toEqual(['1', '2', '3']);
  });

  test('is one append, and puts into queues after it', async () => {
    const { commit, engine, waiting } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const [worker, client] = [broker.connect(), broker.connect()];
    worker.frame('SUBSCRIBE', { id: 's', destination: '/queue/x' });
    begin(client);
    sendInT(client, '/queue/x', 'work');
    sendInT(client, '/topic/a');
    sendInT(client, '/topic/b');

    client.frame('COMMIT', IN_T);
    const before = await bodiesOf(worker);
    const appends = waiting.map(({ entries }) => entries.map(({ destination }) => destination));
    await commit();

    expect(before).toEqual([]);
    expect(appends).toEqual([['/topic/a', '/topic/b']]);
    expect(await bodiesOf(worker)).toEqual(['work']);
  });

  test('may have queues only, or nothing at all', async () => {
    const client = memoryBroker().connect();
    client.frame('SUBSCRIBE', { id: 's', destination: '/queue/x' });
    begin(client);
    sendInT(client, '/queue/x', '1');
    client.frame('COMMIT', { ...IN_T, receipt: 'first' });

    begin(client).frame('COMMIT', { ...IN_T, receipt: 'second' });
    await turns();

    const frames = client.take().map(({ body, headers }) => headers['receipt-id'] ?? body);
    expect(frames.sort()).toEqual(['1', 'first', 'second']);
  });

  test('tells by RECEIPTs that its frames wait, and at last that they took effect', async () => {
    const { commit, engine } = slowEngine();
    const client = memoryBroker({}, { engine }).connect();
    client.frame('BEGIN', { ...IN_T, receipt: 'begun' });
    client.frame('SEND', { ...IN_T, destination: '/topic/x', receipt: 'held' });
    const early = client.take();
    client.frame('COMMIT', { ...IN_T, receipt: 'done' });
    client.frame('BEGIN', { ...IN_T, receipt: 'again' });
    await turns();

    const beforeCommit = client.take();
    await commit();

    const receipts = (frames: ReceivedFrame[]) =>
      frames.map(({ headers }) => headers['receipt-id']);
    expect(receipts(early)).toEqual(['begun', 'held']);
    expect(beforeCommit).toEqual([]);
    expect(receipts(client.take())).toEqual(['done', 'again']);
  });

  test.each([
    ['ABORT', (client: MemoryTransport) => client.frame('ABORT', { ...IN_T, receipt: 'r' })],
    ['DISCONNECT', (client: MemoryTransport) => client.frame('DISCONNECT', { receipt: 'r' })],
    ['the loss of its connection', (client: MemoryTransport) => client.lose()],
  ])('has no effect after %s', async (_how, end) => {
    const broker = memoryBroker();
    const [listener, client] = [broker.connect(), broker.connect()];
    listener.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
    listener.frame('SUBSCRIBE', { id: 'q', destination: '/queue/x' });
    begin(client);
    sendInT(client, '/topic/x', '1');
    sendInT(client, '/queue/x', '2');

    end(client);

    expect(await bodiesOf(listener)).toEqual([]);
    expect(broker.parts.queues.size).toBe(1);
  });

  test('stands beside another one of the same session', async () => {
    const broker = memoryBroker();
    const [listener, client] = [broker.connect(), broker.connect()];
    listener.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
    for (const transaction of ['t', 'u']) client.frame('BEGIN', { transaction });
    sendInT(client, '/topic/x', 't');
    client.frame('SEND', { transaction: 'u', destination: '/topic/x' }, 'u');

    client.frame('COMMIT', { transaction: 'u' });
    client.frame('ABORT', IN_T);

    expect(await bodiesOf(listener)).toEqual(['u']);
  });
});

describe.each(['1.0', '1.1', '1.2'])('in STOMP %s an ACK in a transaction', (version) => {
  test.each([
    ['COMMIT', ['2']],
    ['ABORT', []],
  ])('with its %s lets through %j', async (command, bodies) => {
    const broker = memoryBroker();
    const client = acked(broker.connect({ 'accept-version': version }), '/topic/x');
    send(client, '/topic/x', '1', '2');
    begin(client).frame('ACK', { ...nameOf(await takeOne(client)), ...IN_T });
    const before = await bodiesOf(client);

    client.frame(command, IN_T);

    expect([before, await bodiesOf(client)]).toEqual([[], bodies]);
    expect(client.closedWith).toBeNull();
  });
});

describe('an ACK or NACK in a transaction', () => {
  test('moves a message from one queue to another, or leaves it', async () => {
    const broker = memoryBroker();
    const client = acked(broker.connect(), '/queue/in');
    send(client, '/queue/in', 'work');
    const message = await takeOne(client);
    const other = acked(broker.connect(), '/queue/in');
    begin(client).frame('NACK', { ...nameOf(message), ...IN_T });
    sendInT(client, '/queue/out', 'failed');
    const before = await bodiesOf(other);

    client.frame('COMMIT', IN_T);
    client.frame('SUBSCRIBE', { id: 'out', destination: '/queue/out' });

    expect(before).toEqual([]);
    expect(await bodiesOf(client)).toEqual(['failed']);
    expect(await bodiesOf(other)).toEqual(['work']);
  });

  test('does nothing if its subscription has ended by COMMIT, and all else is done', async () => {
    const broker = memoryBroker();
    const [client, other] = [acked(broker.connect(), '/queue/in'), broker.connect()];
    send(client, '/queue/in', 'work');
    begin(client).frame('ACK', { ...nameOf(await takeOne(client)), ...IN_T });
    sendInT(client, '/queue/out', 'done');
    client.frame('UNSUBSCRIBE', { id: 's' });

    client.frame('COMMIT', { ...IN_T, receipt: 'r' });
    for (const name of ['in', 'out']) {
      other.frame('SUBSCRIBE', { id: name, destination: `/queue/${name}` });
    }

    expect(await bodiesOf(other)).toEqual(['work', 'done']);
    expect(client.take()).toMatchObject([{ headers: { 'receipt-id': 'r' } }]);
  });

  test.each([
    ['DISCONNECT', (client: MemoryTransport) => client.frame('DISCONNECT')],
    ['UNSUBSCRIBE', (client: MemoryTransport) => client.frame('UNSUBSCRIBE', { id: 's' })],
    ['the loss of the connection', (client: MemoryTransport) => client.lose()],
  ])('counts though %s follows its COMMIT at once', async (_what, end) => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const [client, other] = [acked(broker.connect(), '/queue/in'), broker.connect()];
    send(other, '/queue/in', 'work');
    begin(client).frame('ACK', { ...nameOf(await takeOne(client)), ...IN_T });
    sendInT(client, '/topic/out', 'done');
    client.frame('COMMIT', IN_T);
    await turns();

    end(client);
    acked(other, '/queue/in');
    const before = await bodiesOf(other);
    await commit();

    expect([before, await bodiesOf(other)]).toEqual([[], []]);
  });

  test('counts though the session says goodbye while SENDs before it wait', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const [client, other] = [acked(broker.connect(), '/queue/in'), broker.connect()];
    send(other, '/queue/in', 'work');
    const message = await takeOne(client);
    send(client, '/topic/x', 'slow');
    begin(client).frame('ACK', { ...nameOf(message), ...IN_T });
    client.frame('COMMIT', IN_T).frame('DISCONNECT');
    await turns();

    acked(other, '/queue/in');
    await commit();

    expect(await bodiesOf(other)).toEqual([]);
    expect(broker.parts.queues.size).toBe(1);
  });
});

describe('handlers', () => {
  test('all run before anything takes effect, in order; then what they left to do', async () => {
    const { commit, engine } = slowEngine();
    const done: string[] = [];
    const application = new Application().message('/do/{what}', async ({ params: { what } }) => {
      done.push(`asked ${what}`);
      await turns(1);
      const publish = [sendTo('/topic/x', what), sendTo('/queue/x', what)];
      return { publish, committed: () => done.push(`committed ${what}`) };
    });
    const broker = memoryBroker({}, { application, engine });
    const [client, worker] = [broker.connect(), broker.connect()];
    worker.frame('SUBSCRIBE', { id: 's', destination: '/queue/x' });
    begin(client);
    for (const what of ['one', 'two']) sendInT(client, `/app/do/${what}`);
    const atFirst = [...done];

    client.frame('COMMIT', IN_T);
    send(client, '/app/do/later', '');
    await turns(8);
    const before = [...done];
    await commit();

    expect(atFirst).toEqual([]);
    expect(before).toEqual(['asked one', 'asked two', 'asked later']);
    expect(done.slice(3)).toEqual(['committed one', 'committed two']);
    expect(await bodiesOf(worker)).toEqual(['"one"', '"two"']);
  });
});
