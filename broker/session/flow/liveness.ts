import { type Sending, SendProgress } from '../../limits/send-progress.ts';
import type { HeartBeat } from '../../stomp/heart-beat.ts';

/** A silent peer counts as lost after so many of its own intervals. */
const SILENT_INTERVALS = 3;

export interface LivenessLimits {
  readonly browserSilenceMs: number;
  readonly connectTimeoutMs: number;
  readonly frameTimeoutMs: number;
  readonly sendTimeoutMs: number;
}

/** The facts about a transport that liveness depends on. */
export interface Pipe extends Sending {
  readonly bytesIn: number;
  readonly isBrowser: boolean;
  readonly isMidMessage: boolean;
  readonly isProbing: boolean;
  readonly packetsOut: number;
}

/** The action that is due at a tick. */
export type Due =
  | 'nothing'
  | 'heart-beat'
  | 'connect-timeout'
  | 'frame-timeout'
  | 'peer-lost'
  | 'send-timeout';

/**
 * Measures silence on one connection: when a heart-beat is owed to the peer, and when the peer
 * counts as lost. It holds no timer; the pulse asks it.
 */
export class Liveness {
  readonly #limits: LivenessLimits;
  readonly #pipe: Pipe;
  readonly #openedAt: number;
  readonly #send: SendProgress;
  #heartBeat: HeartBeat | null = null;
  #aliveAt: number;
  #bytesAt: number;
  #saidAt: number;
  #bytesSeen = 0;
  #packetsSeen = 0;

  constructor(pipe: Pipe, limits: LivenessLimits, now: number) {
    this.#pipe = pipe;
    this.#limits = limits;
    this.#openedAt = this.#aliveAt = this.#bytesAt = this.#saidAt = now;
    this.#send = new SendProgress(now);
  }

  /**
   * The client is connected: heart-beats follow the negotiation, and the CONNECT timeout is over.
   */
  connected(heartBeat: HeartBeat): void {
    this.#heartBeat = heartBeat;
  }

  /** Bytes were received (STOMP 1.2, "Heart-beating": any data counts). */
  heard(now: number): void {
    this.#aliveAt = this.#bytesAt = now;
  }

  /** The peer showed below STOMP that it is alive, as with a pong. */
  alive(now: number): void {
    this.#aliveAt = now;
  }

  /** @param tickMs the time to the next tick; actions that would be late by then are due now */
  due(now: number, isMidFrame: boolean, tickMs: number): Due {
    if (this.#pipe.bytesIn !== this.#bytesSeen) {
      this.#bytesSeen = this.#pipe.bytesIn;
      this.heard(now);
    }
    const { connectTimeoutMs, frameTimeoutMs, sendTimeoutMs } = this.#limits;
    if (this.#heartBeat === null && now - this.#openedAt >= connectTimeoutMs) {
      return 'connect-timeout';
    }
    const isHalf = isMidFrame || this.#pipe.isMidMessage;
    if (isHalf && now - this.#bytesAt >= frameTimeoutMs) return 'frame-timeout';
    if (this.#send.stuckMs(now, this.#pipe) >= sendTimeoutMs) return 'send-timeout';
    if (now - this.#aliveAt >= this.#silenceMs()) return 'peer-lost';
    return this.#owesHeartBeat(now, tickMs) ? 'heart-beat' : 'nothing';
  }

  /** STOMP 1.2, "Heart-beating": the receiver should take into account an error margin. */
  #silenceMs(): number {
    const expectMs = this.#heartBeat?.expectMs ?? 0;
    const { isBrowser, isProbing } = this.#pipe;
    const { browserSilenceMs } = this.#limits;
    if (expectMs === 0) return isProbing ? browserSilenceMs : Number.POSITIVE_INFINITY;
    const margin = SILENT_INTERVALS * expectMs;
    return isBrowser ? Math.max(browserSilenceMs, margin) : margin;
  }

  #owesHeartBeat(now: number, tickMs: number): boolean {
    const { packetsOut } = this.#pipe;
    if (packetsOut !== this.#packetsSeen) {
      this.#packetsSeen = packetsOut;
      // The packets may have left right after the last tick.
      this.#saidAt = now - tickMs;
    }
    const sendMs = this.#heartBeat?.sendMs ?? 0;
    if (sendMs === 0 || now - this.#saidAt + tickMs <= sendMs) return false;
    this.#saidAt = now;
    this.#packetsSeen = packetsOut + 1;
    return true;
  }
}
