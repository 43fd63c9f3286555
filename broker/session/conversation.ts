// A session that is connected: what it subscribed to, what it is owed, and how it is spoken to.
// The handlers of commands work on it. Bytes in, and when it all ends, are the session's.

import type { Refusal } from '../../shared/refusal.ts';
import type { Caller } from '../routing/application-port.ts';
import { encodeDelivery } from '../routing/message-frame.ts';
import type { Outlet } from '../routing/outlet.ts';
import type { Subscription } from '../routing/subscription-index.ts';
import { encodeFrame } from '../stomp/encoder.ts';
import { type Header, type ServerFrame, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { Asked } from './asked.ts';
import type { BrokerParts } from './broker-parts.ts';
import type { CloseReasonName } from './close-reasons.ts';
import { errorFrame } from './failure.ts';
import { Replies } from './replies.ts';

/** One of this session's subscriptions; `null`: nothing more is published to it. */
export type OwnSubscription = Subscription | null;

/** What the conversation asks of its session. */
export interface Ending {
  /** Says this ERROR and closes, at once. */
  failed(error: ServerFrame, reason: CloseReasonName): void;
  /** The client said goodbye: close when it has all that it is owed. */
  left(): void;
  /** A bug of ours or of a handler's showed, after the frame itself was handled. */
  broke(error: unknown, asked: Asked): void;
  /** Room came free: read on. */
  relieved(): void;
}

export class Conversation {
  readonly caller: Caller;
  readonly outlet: Outlet;
  readonly parts: BrokerParts;
  readonly replies = new Replies();
  /** Run when there is room in the socket again. */
  readonly drainListeners = new Set<() => void>();
  /** By the name that UNSUBSCRIBE uses for it. */
  readonly subscriptions = new Map<string, OwnSubscription>();
  readonly #ending: Ending;
  /** Its subscriptions to the errors queue: their keys, and their ids for the client. */
  readonly #errors = new Map<string, string | null>();
  #appends = 0;
  #appendBytes = 0;
  #isEnded = false;
  #said = 0;

  constructor(caller: Caller, outlet: Outlet, parts: BrokerParts, ending: Ending) {
    this.caller = caller;
    this.outlet = outlet;
    this.parts = parts;
    this.#ending = ending;
  }

  /** True while more of its messages wait for their commit, or replies behind them, than may. */
  get isAheadOfCommit(): boolean {
    const { appendsMax, appendBytesMax } = this.parts.limits;
    const waiting = Math.max(this.#appends, this.replies.length);
    return waiting >= appendsMax || this.#appendBytes >= appendBytesMax;
  }

  /** True when nothing may be subscribed to any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Writes a frame now; whoever owes replies before it goes through `replies`. */
  say(frame: ServerFrame): void {
    this.#write(encodeFrame(frame, this.outlet.version));
  }

  /** RECEIPT for a frame that asked for one, in its turn (STOMP 1.2, "RECEIPT"). */
  receipt({ receiptId }: Asked, headers: readonly Header[] = []): void {
    if (receiptId === undefined) return;
    this.say(serverFrame('RECEIPT', [[h.RECEIPT_ID, receiptId], ...headers]));
  }

  /** A MESSAGE for this session alone; the body is JSON. */
  tell(destination: string, subscriptionId: string | null, body: Buffer, more: Header[] = []) {
    this.#said += 1;
    const headers: Header[] = [
      [h.DESTINATION, destination],
      [h.MESSAGE_ID, `${this.caller.sessionId}-${this.#said}`],
      ...more,
      [h.CONTENT_TYPE, 'application/json'],
    ];
    const { encoding, version } = this.outlet;
    const receivers = { isTextOnly: encoding.isTextOnly, subscriptionId, version };
    this.#write(encodeDelivery(headers, { headers: [], body }, receivers));
  }

  /** From now on refusals of SENDs are told there, and no longer end the connection. */
  listenToErrors(key: string, id: string | null): void {
    this.#errors.set(key, id);
  }

  /** Tells a no: softly, if the session asked to be told and STOMP lets it. */
  refuse({ command, destination, receiptId }: Asked, code: string, text: string): void {
    if (command !== 'SEND' || this.#errors.size === 0) {
      this.#ending.failed(errorFrame(code, text, receiptId), 'REFUSED');
      return;
    }
    const headers: Header[] = [['code', code]];
    if (receiptId !== undefined) headers.push([h.RECEIPT_ID, receiptId]);
    const refusal: Refusal = {
      code,
      text,
      ...(destination === undefined ? {} : { destination }),
      ...(receiptId === undefined ? {} : { receiptId }),
    };
    const body = Buffer.from(JSON.stringify(refusal));
    for (const id of this.#errors.values()) {
      this.tell(this.parts.router.errorsDestination, id, body, headers);
    }
  }

  /** The client said goodbye. */
  left(): void {
    this.#ending.left();
  }

  /** Ends the session over a bug: it must not reach further than this connection. */
  broke(error: unknown, asked: Asked): void {
    this.#ending.broke(error, asked);
  }

  /** Counts what waits for its commit. */
  appending(count: number, bytes: number): void {
    this.#appends += count;
    this.#appendBytes += bytes;
  }

  /** What was counted by `appending` is settled. */
  appended(count: number, bytes: number): void {
    this.#appends -= count;
    this.#appendBytes -= bytes;
    this.parts.budget.freed();
    this.#ending.relieved();
  }

  /** What had piled up in the socket has left. */
  drained(): void {
    for (const listener of this.drainListeners) listener();
  }

  /** Nothing more is published to this subscription. */
  unsubscribe(key: string): void {
    const subscription = this.subscriptions.get(key);
    if (subscription) this.parts.index.remove(subscription);
    this.subscriptions.delete(key);
    this.#errors.delete(key);
  }

  /**
   * Undoes what it has in the broker; what it is owed may still be said. The application hears
   * of it when everything that the session sent has taken effect.
   */
  end(): void {
    this.#isEnded = true;
    for (const key of [...this.subscriptions.keys()]) this.unsubscribe(key);
    this.replies.next(() => {
      try {
        this.parts.router.sessionClosed(this.caller);
      } catch (error) {
        this.parts.log.error({ session: this.caller.sessionId, err: error }, 'a listener failed');
      }
    });
  }

  #write(bytes: Buffer): void {
    this.outlet.write(this.outlet.encoding.wrap([bytes]));
    // Who asks for more and more receipts and reads none is as slow as who reads no messages.
    if (this.outlet.bufferedBytes > this.parts.limits.unsentBytesMax) this.outlet.shed();
  }
}
