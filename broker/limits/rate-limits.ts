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
  /** Time in which an address that used up its connections gets as many again; 0 is no limit. */
  readonly connectRefillMs: number;
  /** Frames per second of one user, or else of one address, as are the rates below. */
  readonly frameRate: number;
  readonly historyPageRate: number;
  readonly historyRate: number;
  /** Rooms that one address may create in an hour; 0 is no limit. */
  readonly newRoomsPerHour: number;
  readonly sendRate: number;
  readonly subscribeRate: number;
}

/** Burst of a rate that a single client uses, in seconds of it. */
const BURST = 2;
/** Burst of a rate that clients behind one address share, as after a restart; in seconds of it. */
const SHARED_BURST = 5;

/** All rate limits, by user or by address. A reconnect resets none of them. */
export class RateLimits {
  /** Chat messages, by address. */
  readonly chatAddresses: TokenBuckets;
  /** Chat messages, by user or else by session. */
  readonly chatters: TokenBuckets;
  /** All frames. */
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

  /** Takes one connection from the rate of this address. False: there is none left. */
  takeConnect(address: string): boolean {
    return this.#connects.take(addressKey(address));
  }

  /** Takes one new room from the rate of this address. False: there is none left. */
  takeNewRoom(address: string): boolean {
    return this.#newRooms.take(addressKey(address));
  }

  /**
   * Counts a page of a history that is requested over HTTP. Returns the milliseconds to wait for
   * it; 0 if it may be served now.
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
