// A connected session as the handlers of commands see it: its parts, and its RECEIPTs. The parts
// have files of their own: credits, output, replies and refusals in flow/, subscriptions in
// subscriptions/. The session itself reads frames, and ends.

import type { Caller } from '../application/request.ts';
import { clientKey } from '../limits/client-key.ts';
import type { MemoryShare } from '../limits/memory-share.ts';
import { type Header, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { BrokerParts } from './broker-parts.ts';
import type { Asked } from './commands/asked.ts';
import { Transactions } from './commands/transactions.ts';
import type { Relieved } from './flow/append-budget.ts';
import { AppendCredit } from './flow/append-credit.ts';
import { DeliveryCredit } from './flow/delivery-credit.ts';
import { Refusals } from './flow/refusals.ts';
import { Replies } from './flow/replies.ts';
import type { SessionOutput } from './flow/session-output.ts';
import { Throttle } from './flow/throttle.ts';
import type { SessionControl } from './session-control.ts';
import { SessionMessages } from './session-messages.ts';
import { OwnSubscriptions } from './subscriptions/own-subscriptions.ts';
import type { SubscriptionParts } from './subscriptions/subscription-parts.ts';

/** Outside Latin-1 a character takes two bytes. */
const TEXT_BYTES = 2;

export interface ConversationOptions {
  readonly caller: Caller;
  readonly memory: MemoryShare;
  readonly output: SessionOutput;
  readonly parts: BrokerParts;
  /** Goes on reading when append credit was released. */
  readonly reader: Relieved;
  readonly session: SessionControl;
}

export class Conversation {
  readonly appendCredit: AppendCredit;
  readonly caller: Caller;
  /** The key under which its rates and shares are counted: a user, or an address. */
  readonly client: string;
  readonly deliveryCredit: DeliveryCredit;
  readonly memory: MemoryShare;
  readonly messages: SessionMessages;
  readonly output: SessionOutput;
  readonly parts: BrokerParts;
  readonly replies: Replies;
  readonly session: SessionControl;
  /** The parts that each of its subscriptions is constructed with. */
  readonly subscriptionParts: SubscriptionParts;
  readonly subscriptions: OwnSubscriptions;
  readonly throttle: Throttle;
  /** `null`: nothing was refused yet. */
  #refusals: Refusals | null = null;
  /** `null`: no transaction was begun yet. */
  #transactions: Transactions | null = null;

  constructor({ caller, memory, output, parts, reader, session }: ConversationOptions) {
    const { budget, index, limits, pages, tails, turns } = parts;
    this.caller = caller;
    this.memory = memory;
    this.output = output;
    this.parts = parts;
    this.session = session;
    this.client = clientKey(caller);
    this.subscriptions = new OwnSubscriptions(caller.address, parts.patterns);
    this.messages = new SessionMessages(caller.sessionId);
    this.throttle = new Throttle(this.client, parts.rates);
    const replies = new Replies(memory);
    this.replies = replies;
    const credit = new DeliveryCredit(limits, memory, output);
    this.deliveryCredit = credit;
    this.appendCredit = new AppendCredit({
      budget,
      client: this.client,
      limits,
      memory,
      reader,
      replies,
    });
    const ackNames = this.subscriptions;
    this.subscriptionParts = {
      ackNames,
      credit,
      index,
      output,
      pages,
      replies,
      session,
      tails,
      turns,
    };
  }

  get refusals(): Refusals {
    const { messages, parts, replies, session } = this;
    const { clock, limits, router } = parts;
    const { errorsDestination } = router;
    this.#refusals ??= new Refusals({
      clock,
      errorsDestination,
      limits,
      messages,
      replies,
      session,
    });
    return this.#refusals;
  }

  get transactions(): Transactions {
    this.#transactions ??= new Transactions(this.parts.limits, this.memory);
    return this.#transactions;
  }

  /** True once the session has ended; nothing can be subscribed to any more. */
  get isEnded(): boolean {
    return this.deliveryCredit.isClosed;
  }

  /** Bytes that wait because of this session, and that other parts count in the memory budget. */
  get bytesElsewhere(): number {
    return this.appendCredit.bytes + this.output.heldBytes + this.output.bufferedBytes;
  }

  /** Writes the RECEIPT for a frame that asked for one (STOMP 1.2, "RECEIPT"). */
  receipt({ receiptId }: Asked, headers: readonly Header[] = []): void {
    if (receiptId === undefined) return;
    this.output.say(serverFrame('RECEIPT', [[h.RECEIPT_ID, receiptId], ...headers]));
  }

  /** Writes the RECEIPT as soon as the replies to all earlier frames are written. */
  receiptInTurn(asked: Asked): void {
    const { destination = '', receiptId = '' } = asked;
    const bytes = TEXT_BYTES * (destination.length + receiptId.length);
    this.replies.next(() => this.receipt(asked), bytes);
  }

  /**
   * Releases everything that the session holds in the broker; replies that it is owed may still be
   * written. The application is told once everything that the session sent has taken effect.
   */
  end(): void {
    this.deliveryCredit.close();
    this.#refusals?.end();
    this.throttle.end();
    this.appendCredit.leave();
    this.#transactions?.clear();
    void this.subscriptions.end(this.parts.inputTurns, this.client);
    this.replies.next(() => {
      try {
        this.parts.router.sessionClosed(this.caller);
      } catch (error) {
        this.parts.log.error({ session: this.caller.sessionId, err: error }, 'a listener failed');
      }
    });
  }
}
