import { describe, expect, test } from '@jest/globals';
import { acknowledge, bodiesOf, messagesOf, send } from '../../support/deliveries.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

/** A client with two wide windows, but no more than three open deliveries in all. */
function narrow(destination: string) {
  const broker = memoryBroker({ openDeliveriesMax: 3 });
  const [client, sender] = [broker.connect(), broker.connect()];
  for (const id of ['s', 't']) {
    client.frame('SUBSCRIBE', { id, destination, ack: 'client-individual' });
  }
  return { broker, client, sender };
}

describe.each([
  ['a topic', '/topic/x', ['1', '1', '2'], ['2', '3', '3']],
  ['a topic with positions', '/topic/kept/x', ['1', '1', '2'], ['2', '3', '3']],
  ['a queue', '/queue/x', ['1', '2', '3'], []],
])('all windows of a session on %s', (_what, destination, first, second) => {
  test('have no more deliveries together than it may have', async () => {
    const { client, sender } = narrow(destination);
    // One by one, because a subscription gets all of a batch before the next subscription does.
    for (const body of ['1', '2', '3']) {
      send(sender, destination, body);
      await turns();
    }
    const messages = messagesOf(client);

    acknowledge(client, ...messages);

    expect(messages.map(({ body }) => body)).toEqual(first);
    expect((await bodiesOf(client)).sort()).toEqual(second);
  });

  test('go on by as many as one of them has acknowledged', async () => {
    const { broker, client, sender } = narrow(destination);
    send(sender, destination, '1', '2', '3', '4', '5', '6');
    await turns(6);
    const messages = messagesOf(client);

    client.frame('UNSUBSCRIBE', { id: 's' });
    await turns(6);
    const more = await bodiesOf(client);

    expect(messages).toHaveLength(3);
    expect(more.length).toBe(messages.filter(({ headers }) => headers.subscription === 's').length);
    expect(broker.ended).toEqual([]);
  });
});
