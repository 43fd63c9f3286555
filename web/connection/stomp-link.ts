import type { Client, IMessage } from '@stomp/stompjs';
import { STREAM_OFFSET } from '../../shared/header-names.ts';
import { parseJson } from '../parts/json.ts';
import type { Answer, Link, Subscriber } from './link.ts';
import { refusalOf } from './refusal-of.ts';

/**
 * The link over a connected stompjs client. Its refusals queue is subscribed to before anything
 * else, so that whatever is refused is told there and does not end the session.
 */
export class StompLink implements Link {
  readonly epoch: string | null;
  readonly #answers = new Map<string, (answer: Answer) => void>();
  readonly #client: Client;
  #receipts = 0;

  constructor(client: Client, epoch: string | undefined, refusals: string) {
    this.epoch = epoch ?? null;
    this.#client = client;
    client.onUnhandledReceipt = ({ headers }) => {
      this.#answer(headers['receipt-id'], {
        type: 'accepted',
        position: positionOf(headers[STREAM_OFFSET]),
      });
    };
    client.subscribe(refusals, (message) => {
      const refusal = refusalOf(message.headers, parseJson(message.body));
      this.#answer(refusal.receiptId, { type: 'refused', refusal });
    });
  }

  send(destination: string, body: object, onAnswer: (answer: Answer) => void): void {
    if (!this.#client.connected) return;
    this.#client.publish({
      destination,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', receipt: this.#receiptFor(onAnswer) },
    });
  }

  subscribe(destination: string, subscriber: Subscriber): () => void {
    if (!this.#client.connected) return () => {};
    const receipt = this.#receiptFor(() => subscriber.onLive?.());
    const onMessage = (message: IMessage) =>
      subscriber.onMessage({
        body: parseJson(message.body),
        position: positionOf(message.headers[STREAM_OFFSET]),
      });
    const subscription = this.#client.subscribe(destination, onMessage, { receipt });
    return () => {
      if (this.#client.connected) subscription.unsubscribe();
    };
  }

  #receiptFor(onAnswer: (answer: Answer) => void): string {
    this.#receipts += 1;
    const receipt = `r-${this.#receipts}`;
    this.#answers.set(receipt, onAnswer);
    return receipt;
  }

  #answer(receipt: string | undefined, answer: Answer): void {
    if (receipt === undefined) return;
    const onAnswer = this.#answers.get(receipt);
    this.#answers.delete(receipt);
    onAnswer?.(answer);
  }
}

function positionOf(header: string | undefined): number | null {
  const position = Number(header);
  return header !== undefined && Number.isSafeInteger(position) ? position : null;
}
