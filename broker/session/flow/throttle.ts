import { STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { RateLimits } from '../../limits/rate-limits.ts';
import type { TokenBucket } from '../../limits/token-bucket.ts';
import { type Maybe, settle } from '../../maybe.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';

/**
 * Holds the frames of one session to the rates of its user, or else of its address. A frame beyond
 * a rate is not refused but waits, and what comes after it as well: nothing is lost by that.
 */
export class Throttle {
  readonly #frames: TokenBucket;
  readonly #key: string;
  readonly #rates: RateLimits;
  /** `null`: the session has not asked for one yet. */
  #histories: TokenBucket | null = null;
  #sends: TokenBucket | null = null;
  #subscribes: TokenBucket | null = null;
  #isEnded = false;
  #waitsFor: TokenBucket | null = null;

  /** @param client its key */
  constructor(client: string, rates: RateLimits) {
    this.#key = client;
    this.#rates = rates;
    this.#frames = rates.frames.of(this.#key);
  }

  /** A promise: the frame may be handled when it settles. */
  admit(frame: ClientFrame): Maybe<void> {
    if (this.#frames.take()) return this.#admitCommand(frame);
    return this.#wait(this.#frames).then(() => this.#admitCommand(frame));
  }

  /** Counts a SEND that was admitted as so many more; the next one may have to wait for that. */
  charge(sends: number): void {
    this.#sends ??= this.#rates.sends.of(this.#key);
    this.#sends.charge(sends);
  }

  /** The frame that waits, if there is one, waits no more: nobody will handle it. */
  end(): void {
    this.#isEnded = true;
    this.#waitsFor?.release(this);
  }

  #admitCommand(frame: ClientFrame): Maybe<void> {
    if (frame.command === 'SEND') {
      this.#sends ??= this.#rates.sends.of(this.#key);
      return this.#take(this.#sends);
    }
    if (frame.command !== 'SUBSCRIBE') return;
    this.#subscribes ??= this.#rates.subscribes.of(this.#key);
    const waits = this.#take(this.#subscribes);
    if ((headerOf(frame, STREAM_OFFSET) ?? 'next') === 'next') return waits;
    this.#histories ??= this.#rates.histories.of(this.#key);
    const histories = this.#histories;
    return settle(waits, () => this.#take(histories));
  }

  #take(bucket: TokenBucket): Maybe<void> {
    return this.#isEnded || bucket.take() ? undefined : this.#wait(bucket);
  }

  #wait(bucket: TokenBucket): Promise<void> {
    this.#waitsFor = bucket;
    return bucket.wait(this);
  }
}
