import { STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { RateLimits } from '../../limits/rate-limits.ts';
import type { TokenBucket } from '../../limits/token-bucket.ts';
import { type Maybe, settle } from '../../maybe.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';

/**
 * Applies the rates of a user, or else of an address, to the frames of one session. A frame beyond
 * a rate is not refused: it waits, and so do the frames behind it.
 */
export class Throttle {
  readonly #frames: TokenBucket;
  readonly #key: string;
  readonly #rates: RateLimits;
  /** `null`: the session has not asked for a history yet. */
  #histories: TokenBucket | null = null;
  #sends: TokenBucket | null = null;
  #subscribes: TokenBucket | null = null;
  #isEnded = false;
  #waitsFor: TokenBucket | null = null;

  /** @param client the key of the user or address */
  constructor(client: string, rates: RateLimits) {
    this.#key = client;
    this.#rates = rates;
    this.#frames = rates.frames.of(this.#key);
  }

  /**
   * Takes the tokens for a frame. If this returns a promise, the frame is handled once it settles.
   */
  admit(frame: ClientFrame): Maybe<void> {
    if (this.#frames.take()) return this.#admitCommand(frame);
    return this.#wait(this.#frames).then(() => this.#admitCommand(frame));
  }

  /** Charges an admitted SEND for so many more; the next SEND may have to wait for it. */
  charge(sends: number): void {
    this.#sends ??= this.#rates.sends.of(this.#key);
    this.#sends.charge(sends);
  }

  /** Releases the frame that waits, if there is one: it will not be handled. */
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
