import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../../broker/application/application.ts';
import type { Maybe } from '../../../../broker/maybe.ts';
import { bodiesOf, send } from '../../../support/deliveries.ts';
import { memoryBroker } from '../../../support/memory-broker.ts';
import { turns } from '../../../support/turns.ts';

/** A broker with a topic whose first message is asked for when a subscription is open. */
function scene(ask: () => Maybe<unknown>) {
  const application = new Application().topic('/news', () => ask);
  const broker = memoryBroker({}, { application });
  const [reader, sender] = [broker.connect(), broker.connect()];
  const subscribe = (headers: Record<string, string> = {}) =>
    reader.frame('SUBSCRIBE', { id: 's', destination: '/topic/news', receipt: 'r', ...headers });
  const say = (body: string) => send(sender, '/topic/news', body);
  return { broker, reader, say, subscribe };
}

describe('a first message that is asked for', () => {
  test('comes at once if it is there', async () => {
    const { reader, say, subscribe } = scene(() => ({ state: 1 }));

    subscribe();
    say('a');

    expect(await bodiesOf(reader)).toEqual(['{"state":1}', 'a']);
  });

  test.each([
    ['auto', {}],
    ['client', { ack: 'client', 'prefetch-count': '100' }],
  ])(
    'comes before all that was published while it was awaited, with ack:%s',
    async (_mode, ack) => {
      let answer: (value: unknown) => void = () => undefined;
      const { reader, say, subscribe } = scene(() => new Promise((resolve) => (answer = resolve)));

      subscribe(ack);
      for (const body of ['a', 'b']) say(body);
      await turns();
      expect(reader.take()).toEqual([]);
      answer({ state: 1 });
      await turns();
      say('c');
      await turns();

      const frames = reader.take();
      expect(frames.map(({ command }) => command)).toEqual([
        'RECEIPT',
        ...Array(4).fill('MESSAGE'),
      ]);
      expect(frames.slice(1).map(({ body }) => body)).toEqual(['{"state":1}', 'a', 'b', 'c']);
    },
  );

  test('holds the next frames of the session until it is there', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { reader, subscribe } = scene(() => new Promise((resolve) => (answer = resolve)));

    subscribe();
    reader.frame('UNSUBSCRIBE', { id: 's', receipt: 'gone' });
    await turns();
    expect(reader.take()).toEqual([]);
    answer(undefined);
    await turns();

    expect(reader.take().map(({ headers }) => headers['receipt-id'])).toEqual(['r', 'gone']);
  });

  test('ends the session if it cannot be had, as a bug', async () => {
    const { reader, subscribe } = scene(() => Promise.reject(new Error('gone')));

    subscribe();
    await turns();

    expect(reader.take()).toMatchObject([{ command: 'ERROR' }]);
  });

  test('is nothing to a session that has ended meanwhile', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { broker, subscribe } = scene(() => new Promise((resolve) => (answer = resolve)));

    subscribe();
    await turns();
    broker.opened[0]?.close('DRAINING');
    answer({ state: 1 });
    await turns();

    expect(broker.index.has('/topic/news')).toBe(false);
  });
});
