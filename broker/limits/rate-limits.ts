import type { Clock } from '../clock.ts';
import { addressKey } from './address.ts';
import type { Rate } from './token-bucket.ts';
import { TokenBuckets } from './token-buckets.ts';

export interface RateSettings {
  /** Chat messages per second from one address; 0 is no limit, here and below. */
  readonly chatAddressRate: number;
  /** Chat messages per second of one user, or of one session without a user. */
  readonly chatRate: number;
  /** Connections that one address may open at once. */
  readonly connectionsPerAddressMax: number;
  /** The time in which so many more may be opened; 0 is no limit. */
  readonly connectRefillMs: number;
  /** Frames per second of one user, or else of one address; so are those below. */
  readonly frameRate: number;
  readonly historyPageRate: number;
  readonly historyRate: number;
  /** Rooms that one address may create in an hour; 0 is no limit. */
  readonly newRoomsPerHour: number;
  readonly sendRate: number;
  readonly subscribeRate: number;
}

/** At once, of a rate that a single client uses up. */
const BURST = 2;
/** At once, of a rate that clients behind one address use up together, such as after a restart. */
const SHARED_BURST = 5;

/** How often clients may do what costs something, by user or by address; all survive a reconnect. */
export class RateLimits {
  /** By address. */
  readonly chatAddresses: TokenBuckets;
  /** By user, or by session. */
  readonly chatters: TokenBuckets;
  /** All frames of a client's. */
  readonly frames: TokenBuckets;
  /** SUBSCRIBEs that read a history. */
  readonly histories: TokenBuckets;
  /** SENDs. */
  readonly sends: TokenBuckets;
  /** SUBSCRIBEs. */
  readonly subscribes: TokenBuckets;
  readonly #connects: TokenBuckets;
  readonly #newRooms: TokenBuckets;
  readonly #pages: TokenBuckets;

  constructor(clock: Pick<Clock, 'after' | 'monotonic'>, settings: RateSettings) {
    const bucketsFor = (rate: Rate) => new TokenBuckets(clock, rate);
    this.chatAddresses = bucketsFor(rateOf(settings.chatAddressRate, SHARED_BURST));
    this.chatters = bucketsFor(rateOf(settings.chatRate, BURST));
    this.frames = bucketsFor(rateOf(settings.frameRate, BURST));
    this.histories = bucketsFor(rateOf(settings.historyRate, BURST));
    this.sends = bucketsFor(rateOf(settings.sendRate, BURST));
    this.subscribes = bucketsFor(rateOf(settings.subscribeRate, BURST));
    this.#connects = bucketsFor(connectRateOf(settings));
    this.#newRooms = bucketsFor({
      burst: settings.newRoomsPerHour,
      perSecond: settings.newRoomsPerHour / 3_600,
    });
    this.#pages = bucketsFor(rateOf(settings.historyPageRate, SHARED_BURST));
  }

  /** Whether one more connection may be opened from this address; it then counts. */
  takeConnect(address: string): boolean {
    return this.#connects.take(addressKey(address));
  }

  /** Whether one more room may be created from this address; it then counts. */
  takeNewRoom(address: string): boolean {
    return this.#newRooms.take(addressKey(address));
  }

  /**
   * Counts a page of a history that is asked for over HTTP; gives the milliseconds to wait before
   * it may be asked for, 0 if it may be now.
   */
  takePage(address: string): number {
    const bucket = this.#pages.of(addressKey(address));
    return bucket.take() ? 0 : bucket.waitMs();
  }
}

function rateOf(perSecond: number, burst: number): Rate {
  return { burst: burst * perSecond, perSecond };
}

function connectRateOf({ connectionsPerAddressMax, connectRefillMs }: RateSettings): Rate {
  const perSecond =
    connectRefillMs === 0 ? 0 : (connectionsPerAddressMax * 1_000) / connectRefillMs;
  return { burst: connectionsPerAddressMax, perSecond };
}
