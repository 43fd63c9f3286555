import type { Client, IFrame, IMessage } from '@stomp/stompjs';
import type { Refusal } from '../../shared/refusal.ts';
import { parseJson } from '../parts/json.ts';
import type { Answer, Link, Start, Subscriber } from './link.ts';
import { refusalOf } from './refusal-of.ts';
import { beginningOf, headersOfStart, positionOf } from './stream-headers.ts';

/** Callbacks for the RECEIPT of a frame, or for the refusal that comes in its place. */
interface Waiting {
  readonly onReceipted: (headers: IFrame['headers']) => void;
  readonly onRefused?: (answer: Answer) => void;
}

/**
 * A link over a connected stompjs client. It subscribes to the refusals queue before anything else,
 * so that the broker reports refusals there instead of ending the session.
 */
export class StompLink implements Link {
  readonly cut: () => void;
  readonly #client: Client;
  readonly #waiting = new Map<string, Waiting>();
  #receipts = 0;

  /** @param cut ends the client */
  constructor(client: Client, refusals: string, cut: () => void) {
    this.#client = client;
    this.cut = cut;
    client.onUnhandledReceipt = ({ headers }) => {
      this.#take(headers['receipt-id'])?.onReceipted(headers);
    };
    client.subscribe(refusals, (message) => {
      this.#refused(refusalOf(message.headers, parseJson(message.body)));
    });
  }

  send(destination: string, body: object, onAnswered: (answer: Answer) => void): void {
    if (!this.#client.connected) return;
    const receipt = this.#receiptFor({
      onReceipted: (headers) => onAnswered({ type: 'accepted', position: positionOf(headers) }),
      onRefused: onAnswered,
    });
    this.#client.publish({
      destination,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', receipt },
    });
  }

  subscribe(
    destination: string,
    subscriber: Subscriber,
    start: Start = { type: 'next' },
  ): () => void {
    if (!this.#client.connected) return () => {};
    const receipt = this.#receiptFor({
      onReceipted: (headers) => subscriber.onSubscribed?.(beginningOf(headers)),
    });
    const onMessage = (message: IMessage) =>
      subscriber.onMessage({
        body: parseJson(message.body),
        position: positionOf(message.headers),
      });
    const headers = { ...headersOfStart(start), receipt };
    const subscription = this.#client.subscribe(destination, onMessage, headers);
    return () => {
      if (this.#client.connected) subscription.unsubscribe();
    };
  }

  #refused(refusal: Refusal): void {
    const answer: Answer = { type: 'refused', refusal };
    if (refusal.receiptId !== undefined) {
      this.#take(refusal.receiptId)?.onRefused?.(answer);
      return;
    }
    // A refusal that stands for many names no SEND, so all that wait count as refused: otherwise
    // those that were refused would wait for ever. Those that were accepted are deduplicated by
    // their ids when they are sent again.
    if (refusal.code !== 'RATE_LIMITED') return;
    for (const [receipt, { onRefused }] of [...this.#waiting]) {
      if (onRefused === undefined) continue;
      this.#waiting.delete(receipt);
      onRefused(answer);
    }
  }

  #receiptFor(waiting: Waiting): string {
    this.#receipts += 1;
    const receipt = `r-${this.#receipts}`;
    this.#waiting.set(receipt, waiting);
    return receipt;
  }

  #take(receipt: string | undefined): Waiting | undefined {
    if (receipt === undefined) return undefined;
    const waiting = this.#waiting.get(receipt);
    this.#waiting.delete(receipt);
    return waiting;
  }
}
