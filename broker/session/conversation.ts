// A session that is connected: what it subscribed to, what it is owed, and how it is spoken to.
// The handlers of commands work on it. Bytes in, and when it all ends, are the session's.

import type { Publication } from '../engine/engine.ts';
import { clientKey } from '../limits/client-key.ts';
import type { MemoryShare } from '../limits/memory-share.ts';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Caller } from '../routing/application-port.ts';
import type { HeldFor } from '../routing/held-outlet.ts';
import type { Outlet, Packet } from '../routing/outlet.ts';
import { encodeFrame } from '../stomp/encoder.ts';
import { type Header, type ServerFrame, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { BrokerParts, SessionLimits } from './broker-parts.ts';
import type { CloseReasonName } from './close-reasons.ts';
import type { Asked } from './commands/asked.ts';
import { Transactions } from './commands/transactions.ts';
import { errorFrame } from './failure.ts';
import type { AppendShare } from './flow/append-budget.ts';
import { Refusals } from './flow/refusals.ts';
import { Replies } from './flow/replies.ts';
import { Throttle } from './flow/throttle.ts';
import { OwnSubscriptions } from './subscriptions/own-subscriptions.ts';

/** What a delivery that waits for its acknowledgement takes on the heap: its place in two lists. */
const DELIVERY_HEAP_BYTES = 320;
/** Outside Latin-1 a character takes two bytes. */
const TEXT_BYTES = 2;
const TOO_MANY_REFUSALS = 'the session goes on with what it was refused again and again';

/** Messages that wait for their commit. */
export interface Appending {
  readonly count: number;
  readonly heapBytes: number;
  readonly octets: number;
}

/** What the conversation asks of its session. */
export interface Ending {
  /** Says this ERROR and closes, at once. */
  failed(error: ServerFrame, reason: CloseReasonName): void;
  /** The client said goodbye: close when it has all that it is owed. */
  left(): void;
  /** What its session holds in memory. */
  readonly memory: MemoryShare;
  /** A bug of ours or of a handler's showed, not while a frame was handled. */
  broke(error: unknown, asked?: Asked): void;
  /** Room came free: read on. */
  relieved(): void;
}

export class Conversation implements HeldFor {
  /** What its client has waiting for its commit. */
  readonly appendShare: AppendShare;
  readonly caller: Caller;
  /** Under what its rates and shares are counted: a user, or an address. */
  readonly client: string;
  readonly outlet: Outlet;
  readonly parts: BrokerParts;
  readonly replies: Replies;
  readonly subscriptions: OwnSubscriptions;
  readonly throttle: Throttle;
  readonly #ending: Ending;
  #appends = 0;
  #appendBytes = 0;
  /** `null`: nothing of it has had to wait yet, as in most sessions. */
  #drainListeners: Set<() => void> | null = null;
  #isEnded = false;
  #isLost = false;
  #openDeliveries = 0;
  /** `null`: it was refused nothing yet. */
  #refusals: Refusals | null = null;
  #said = 0;
  /** `null`: it has begun none yet. */
  #transactions: Transactions | null = null;
  #unwrittenBytes = 0;
  #waitingBytes = 0;

  constructor(caller: Caller, outlet: Outlet, parts: BrokerParts, ending: Ending) {
    this.caller = caller;
    this.outlet = outlet;
    this.parts = parts;
    this.subscriptions = new OwnSubscriptions(caller.address, parts.patterns);
    this.client = clientKey(caller);
    this.appendShare = parts.budget.join(this.client);
    this.throttle = new Throttle(this.client, parts.rates);
    this.#ending = ending;
    this.replies = new Replies(ending.memory);
  }

  /** True while more of its messages wait for their commit, or replies behind them, than may. */
  get isAheadOfCommit(): boolean {
    const { appendsMax, appendBytesMax } = this.parts.limits;
    const waiting = Math.max(this.#appends, this.replies.length);
    return waiting >= appendsMax || this.#appendBytes >= appendBytesMax;
  }

  get transactions(): Transactions {
    this.#transactions ??= new Transactions(this.parts.limits, this.memory);
    return this.#transactions;
  }

  get memory(): MemoryShare {
    return this.#ending.memory;
  }

  /** True when nothing may be subscribed to any more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get limits(): SessionLimits {
    return this.parts.limits;
  }

  get unsent(): UnsentPackets {
    return this.parts.unsent;
  }

  /** Bytes that wait in its subscriptions until they may be written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Bytes that wait because of it, and that others count in the memory budget. */
  get bytesElsewhere(): number {
    return this.#waitingBytes + this.#appendBytes + this.outlet.bufferedBytes;
  }

  /** True when more waits for this client, in its socket and before it, than may. */
  get isOverfull(): boolean {
    return this.#waitingBytes + this.outlet.bufferedBytes > this.parts.limits.unsentBytesMax;
  }

  /**
   * False while its socket has so much to send that what can wait is to wait, or is gone, and
   * while it has as many deliveries to acknowledge as it may have.
   */
  get takesMore(): boolean {
    return !this.#isLost && !this.#hasAllDeliveries && this.roomBytes > 0;
  }

  /** Bytes that its socket may be given before what can wait is to wait. */
  get roomBytes(): number {
    const { takeBytes, unsentBytesMax } = this.parts.limits;
    const unsent = this.#unwrittenBytes + this.outlet.bufferedBytes;
    return Math.min(takeBytes, unsentBytesMax) - unsent;
  }

  /** Counts deliveries that wait for their acknowledgement; less than nothing: they wait no more. */
  opens(deliveries: number): void {
    const hadAll = this.#hasAllDeliveries;
    this.#openDeliveries += deliveries;
    this.memory.count(deliveries * DELIVERY_HEAP_BYTES);
    // One subscription has made room for all of them.
    if (hadAll && !this.#hasAllDeliveries && !this.#isEnded) this.drained();
  }

  get #hasAllDeliveries(): boolean {
    return this.#openDeliveries >= this.parts.limits.openDeliveriesMax;
  }

  /** Counts bytes that are about to be written; less than nothing: they are. */
  holds(bytes: number): void {
    this.#unwrittenBytes += bytes;
  }

  /** Counts bytes that wait for a window of this session; less than nothing: they wait no more. */
  waits(bytes: number): void {
    this.#waitingBytes += bytes;
  }

  /** Writes a packet now; who does not take it is shed. */
  write(packet: Packet): void {
    if (!this.isOverfull) this.outlet.write(packet);
    // Who asks for more and more receipts and reads none is as slow as who reads no messages.
    if (this.isOverfull) this.outlet.shed();
  }

  /** Writes a frame now; whoever owes replies before it goes through `replies`. */
  say(frame: ServerFrame): void {
    this.write(this.outlet.encoding.wrap([encodeFrame(frame, this.outlet.version)]));
  }

  /** RECEIPT for a frame that asked for one, in its turn (STOMP 1.2, "RECEIPT"). */
  receipt({ receiptId }: Asked, headers: readonly Header[] = []): void {
    if (receiptId === undefined) return;
    this.say(serverFrame('RECEIPT', [[h.RECEIPT_ID, receiptId], ...headers]));
  }

  /** As `receipt`, after everything that was owed before. */
  receiptInTurn(asked: Asked): void {
    const { destination = '', receiptId = '' } = asked;
    const bytes = TEXT_BYTES * (destination.length + receiptId.length);
    this.replies.next(() => this.receipt(asked), bytes);
  }

  /** A message that goes to this session alone; the body is JSON. */
  messageOf(destination: string, body: Buffer, more: readonly Header[] = []): Publication {
    this.#said += 1;
    const id = `${this.caller.sessionId}-${this.#said}`;
    const headers: Header[] = [...more, [h.CONTENT_TYPE, 'application/json']];
    return { id, destination, message: { headers, body }, offset: null, isEphemeral: false };
  }

  /** Tells a no: softly, if the session asked to be told and STOMP lets it. */
  refuse(asked: Asked, code: string, text: string): void {
    if (asked.listener === null) {
      this.#ending.failed(errorFrame(code, text, asked.receiptId), 'REFUSED');
      return;
    }
    this.#refusals ??= new Refusals(this);
    if (this.#refusals.tell(asked, code, text)) return;
    const error = errorFrame('TOO_MANY_REFUSALS', TOO_MANY_REFUSALS, asked.receiptId);
    this.#ending.failed(error, 'TOO_MANY_REFUSALS');
  }

  /** The client said goodbye. */
  left(): void {
    this.#ending.left();
  }

  /** Ends the session over a bug: it must not reach further than this connection. */
  broke(error: unknown, asked?: Asked): void {
    this.#ending.broke(error, asked);
  }

  /** What a subscription had still to get is no longer kept: nothing is skipped in silence. */
  lostHistory(destination: string, offset: number): void {
    const text = `${destination} no longer keeps the message at ${offset}`;
    this.#ending.failed(errorFrame('HISTORY_LOST', text), 'HISTORY_LOST');
  }

  /** Counts what waits for its commit. The engine counts its octets in the memory budget. */
  appending({ count, heapBytes, octets }: Appending): void {
    this.#appends += count;
    this.#appendBytes += octets;
    this.appendShare.add(count, octets);
    this.memory.count(heapBytes - octets);
  }

  /** What was counted by `appending` is settled. */
  appended({ count, heapBytes, octets }: Appending): void {
    this.#appends -= count;
    this.#appendBytes -= octets;
    this.memory.count(octets - heapBytes);
    this.appendShare.remove(count, octets);
    this.parts.budget.freed();
    this.#ending.relieved();
  }

  /** Its connection is gone; what it sent is still handled. */
  lost(): void {
    this.#isLost = true;
  }

  /** Runs it whenever there is room again, in the socket or for deliveries. */
  onDrained(listener: () => void): void {
    this.#drainListeners ??= new Set();
    this.#drainListeners.add(listener);
  }

  offDrained(listener: () => void): void {
    this.#drainListeners?.delete(listener);
  }

  /** There is room again for what had to wait. */
  drained(): void {
    for (const listener of this.#drainListeners ?? []) listener();
  }

  /**
   * Undoes what it has in the broker; what it is owed may still be said. The application hears
   * of it when everything that the session sent has taken effect.
   */
  end(): void {
    this.#isEnded = true;
    this.#refusals?.end();
    this.throttle.end();
    this.appendShare.left();
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
