import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { sendToSession, sendToUser } from '../../../broker/application/reply.ts';
import { FanOut } from '../../../broker/routing/fan-out.ts';
import { acknowledge, bodiesOf, messagesOf, nameOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

const MODES = ['client', 'client-individual'];

const application = new Application()
  .subscribe('/time', () => ({ hour: 12 }))
  .topic('/score', () => ({ home: 1 }))
  .message('/no', (request) => reject('NO', request.text()))
  .message('/tell', ({ caller }) => ({
    publish: [
      sendToSession(caller, '/queue/told', 'the session'),
      sendToUser(caller.user ?? '', '/queue/told', 'the user'),
    ],
  }));

describe.each(MODES)('with %s', (ack) => {
  test('the answer at an application destination has an ack header, and may be ACKed', async () => {
    const client = memoryBroker({}, { application }).connect();

    client.frame('SUBSCRIBE', { id: 's', destination: '/app/time', ack });
    const messages = messagesOf(client);
    acknowledge(client, ...messages);
    await turns();

    expect(messages.map(({ body }) => body)).toEqual(['{"hour":12}']);
    expect(messages[0]?.headers).toMatchObject({ ack: '1-1', destination: '/app/time' });
    expect(client.closedWith).toBeNull();
  });

  test('the first message of a topic takes its place in the window', async () => {
    const client = memoryBroker({}, { application }).connect();
    const headers = { id: 's', destination: '/topic/score', ack, 'prefetch-count': '1' };
    client.frame('SUBSCRIBE', headers);
    send(client, '/topic/score', 'later');
    await turns();

    const first = messagesOf(client);
    acknowledge(client, ...first);

    expect(first.map(({ body }) => body)).toEqual(['{"home":1}']);
    expect(first[0]?.headers.ack).toBe('1-1');
    expect(await bodiesOf(client)).toEqual(['later']);
  });

  test('refusals wait for their ACK at the errors queue', async () => {
    const client = memoryBroker({}, { application }).connect();
    const destination = '/user/queue/errors';
    client.frame('SUBSCRIBE', { id: 'e', destination, ack, 'prefetch-count': '1' });
    send(client, '/app/no', 'first', 'second');
    await turns();

    const [first, ...more] = messagesOf(client);
    if (first !== undefined) client.frame('ACK', nameOf(first));
    await turns();

    expect(more).toEqual([]);
    expect(first?.headers).toMatchObject({ ack: '1-1', code: 'NO', destination });
    expect(messagesOf(client).map(({ body }) => JSON.parse(body).text)).toEqual(['second']);
  });

  test('messages to a session and to its user share one window', async () => {
    const broker = memoryBroker({ trustLogin: true }, { application });
    const client = broker.connect({ login: 'ada' });
    const destination = '/user/queue/told';
    client.frame('SUBSCRIBE', { id: 's', destination, ack, 'prefetch-count': '1' });
    send(client, '/app/tell', '');
    await turns();

    const first = messagesOf(client);
    acknowledge(client, ...first);
    await turns();
    const second = messagesOf(client);

    expect(first.map(({ body }) => body)).toEqual(['"the session"']);
    expect(second.map(({ body }) => body)).toEqual(['"the user"']);
    expect(second[0]?.headers).toMatchObject({ ack: '1-2', destination });
  });
});

test('refusals that are never acknowledged end the session in the end', async () => {
  const client = memoryBroker({ unsentBytesMax: 4_096 }, { application }).connect();
  const destination = '/user/queue/errors';
  client.frame('SUBSCRIBE', { id: 'e', destination, ack: 'client', 'prefetch-count': '1' });

  send(client, '/app/no', ...Array.from({ length: 100 }, () => 'again'));
  await turns();

  expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
});

test.each(['auto', ...MODES])(
  'with %s the first message comes before what is published while its RECEIPT waits',
  async (ack) => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { application, engine });
    const client = broker.connect();
    client.frame('SEND', { destination: '/topic/else', receipt: '1' });
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/score', ack, receipt: '2' });

    const message = { headers: [], body: Buffer.from('changed') };
    const published = { id: '1', destination: '/topic/score', message };
    void new FanOut(broker.index, broker.parts.limits, broker.clock).deliver([
      { ...published, offset: null, isEphemeral: false },
    ]);
    await commit();

    const frames = client.take().map(({ body, command }) => [command, body]);
    expect(frames).toEqual([
      ['RECEIPT', ''],
      ['RECEIPT', ''],
      ['MESSAGE', '{"home":1}'],
      ['MESSAGE', 'changed'],
    ]);
  },
);
