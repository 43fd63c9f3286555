// The refusals of one session. Each is sent once to its errors queue. A client that keeps sending
// what is refused again and again is ended; one that is only too fast is told at most once a second
// how many of its frames were refused.

import type { Refusal } from '../../../shared/refusal.ts';
import type { Cancel, Clock } from '../../clock.ts';
import { Fifo } from '../../routing/fifo.ts';
import type { Header } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { CloseReasonName } from '../close-reasons.ts';
import type { Asked } from '../commands/asked.ts';
import { errorFrame } from '../failure.ts';
import type { SessionControl } from '../session-control.ts';
import type { SessionMessages } from '../session-messages.ts';
import type { Replies } from './replies.ts';

export interface RefusalLimits {
  /** Refusals within `refusalsWindowMs` after which a session is ended; 0: no limit. */
  readonly refusalsMax: number;
  readonly refusalsWindowMs: number;
}

export interface RefusalsOptions {
  readonly clock: Clock;
  /** The `destination` of a refusal: the session's errors queue. */
  readonly errorsDestination: string;
  readonly limits: RefusalLimits;
  readonly messages: SessionMessages;
  readonly replies: Replies;
  readonly session: SessionControl;
}

/** Rate limits bound how often this refusal occurs, so it does not end the session. */
const RATE_LIMITED = 'RATE_LIMITED';
/** Rate refusals that are sent one by one within a second. */
const RATE_TOLD_MAX = 10;
const SECOND_MS = 1_000;
const TOO_MANY_REFUSALS = 'the session goes on with what it was refused again and again';

/** Rate refusals that are sent together. */
interface Gathered {
  readonly cancel: Cancel;
  asked: Asked;
  count: number;
  text: string;
}

export class Refusals {
  readonly #options: RefusalsOptions;
  /** The times of the last refusals, as many as the window allows. */
  readonly #times = new Fifo<number>();
  #gathered: Gathered | null = null;
  /** Rate refusals since `#rateSince`. */
  #rateCount = 0;
  #rateSince = Number.NEGATIVE_INFINITY;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /**
   * Refuses a frame. A session that is subscribed to its errors queue receives the refusal there,
   * at once or later; any other session, or one with too many refusals, ends with an ERROR.
   */
  refuse(asked: Asked, code: string, text: string): void {
    const now = this.#options.clock.monotonic();
    if (asked.listener === null) this.#end(asked, 'REFUSED', code, text);
    else if (code === RATE_LIMITED && this.#isGathered(now)) this.#gather(asked, text);
    else if (code !== RATE_LIMITED && this.#isTooMany(now)) {
      this.#end(asked, 'TOO_MANY_REFUSALS', 'TOO_MANY_REFUSALS', TOO_MANY_REFUSALS);
    } else this.#say(asked, code, text);
  }

  /** Drops the refusals that are still gathered. */
  end(): void {
    this.#gathered?.cancel();
    this.#gathered = null;
  }

  #end(asked: Asked, reason: CloseReasonName, code: string, text: string): void {
    this.#options.session.fail(errorFrame(code, text, asked.receiptId), reason);
  }

  #isTooMany(now: number): boolean {
    const { refusalsMax, refusalsWindowMs } = this.#options.limits;
    if (refusalsMax === 0) return false;
    const first = this.#times.length >= refusalsMax ? this.#times.shift() : undefined;
    this.#times.push(now);
    return first !== undefined && now - first < refusalsWindowMs;
  }

  #isGathered(now: number): boolean {
    if (this.#gathered !== null) return true;
    if (now - this.#rateSince >= SECOND_MS) {
      this.#rateSince = now;
      this.#rateCount = 0;
    }
    this.#rateCount += 1;
    return this.#rateCount > RATE_TOLD_MAX;
  }

  #gather(asked: Asked, text: string): void {
    if (this.#gathered === null) {
      const cancel = this.#options.clock.after(SECOND_MS, () => this.#tellGathered());
      this.#gathered = { asked, cancel, count: 0, text };
    }
    this.#gathered.asked = asked;
    this.#gathered.count += 1;
    this.#gathered.text = text;
  }

  #tellGathered(): void {
    const gathered = this.#gathered;
    if (gathered === null) return;
    this.#gathered = null;
    // The next second begins now, with its allowance used up, so gathering goes on at once.
    this.#rateSince = this.#options.clock.monotonic();
    this.#rateCount = RATE_TOLD_MAX;
    const { asked, count, text } = gathered;
    this.#options.replies.next(() => this.#say(asked, RATE_LIMITED, text, count));
  }

  /** @param count given: the message stands for so many refusals, and names no receipt */
  #say(asked: Asked, code: string, text: string, count?: number): void {
    const { destination, listener } = asked;
    const receiptId = count === undefined ? asked.receiptId : undefined;
    const headers: Header[] = [['code', code]];
    if (receiptId !== undefined) headers.push([h.RECEIPT_ID, receiptId]);
    if (count !== undefined) headers.push(['count', String(count)]);
    const refusal: Refusal = {
      code,
      text,
      ...(destination === undefined ? {} : { destination }),
      ...(receiptId === undefined ? {} : { receiptId }),
      ...(count === undefined ? {} : { count }),
    };
    const body = Buffer.from(JSON.stringify(refusal));
    const { errorsDestination, messages } = this.#options;
    listener?.tell(messages.create(errorsDestination, body, headers));
  }
}
