import { describe, expect, test } from '@jest/globals';
import type { Client, IFrame, IMessage } from '@stomp/stompjs';
import type { Answer } from '../../../web/connection/link.ts';
import { StompLink } from '../../../web/connection/stomp-link.ts';

type Headers = Record<string, string>;

/** A link over a fake client; the test gives the answers. */
function linked() {
  let onRefused: (message: IMessage) => void = () => undefined;
  const receipts: (string | undefined)[] = [];
  const client = {
    connected: true,
    onUnhandledReceipt: (_frame: IFrame) => undefined,
    publish: ({ headers }: { headers?: Headers }) => receipts.push(headers?.receipt),
    subscribe: (destination: string, listener: (message: IMessage) => void) => {
      if (destination === 'refusals') onRefused = listener;
      return { unsubscribe: () => undefined };
    },
  };
  const link = new StompLink(client as unknown as Client, 'refusals', () => undefined);
  const answers: string[] = [];
  const told = (name: string) => (answer: Answer) => {
    answers.push(answer.type === 'refused' ? `${name} ${answer.refusal.code}` : `${name} accepted`);
  };
  return {
    answers,
    receipts,
    send: (name: string) => link.send('/app/chat/message', {}, told(name)),
    subscribe: (name: string) =>
      link.subscribe('/topic/x', {
        onSubscribed: () => answers.push(`${name} live`),
        onMessage: () => {},
      }),
    receipt: (id = '') =>
      client.onUnhandledReceipt({ headers: { 'receipt-id': id } } as unknown as IFrame),
    refuse: (code: string, headers: Headers) =>
      onRefused({ headers, body: JSON.stringify({ code, text: 'no' }) } as IMessage),
  };
}

describe('a refusal', () => {
  test('answers the SEND that it names', () => {
    const link = linked();
    for (const name of ['one', 'two']) link.send(name);

    link.refuse('RATE_LIMITED', { 'receipt-id': link.receipts[1] ?? '' });

    expect(link.answers).toEqual(['two RATE_LIMITED']);
  });

  test('for the rate limit that stands for many answers all waiting SENDs', () => {
    const link = linked();
    for (const name of ['one', 'two', 'three']) link.send(name);
    link.subscribe('room');
    link.receipt(link.receipts[0]);

    link.refuse('RATE_LIMITED', { count: '12' });
    // One of them was accepted after all; by now it has been sent again.
    link.receipt(link.receipts[2]);

    expect(link.answers).toEqual(['one accepted', 'two RATE_LIMITED', 'three RATE_LIMITED']);
  });

  test('of another kind that names no SEND answers none of them', () => {
    const link = linked();
    link.send('one');

    link.refuse('NO_SUCH_DESTINATION', {});

    expect(link.answers).toEqual([]);
  });
});
