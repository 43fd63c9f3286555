import { packetBytes, wholePacket } from '../../broker/packet.ts';
import type {
  Packet,
  Receiver,
  Transport,
  WireEncoding,
} from '../../broker/transport/transport.ts';
import { BareEncoding } from './bare-encoding.ts';
import { frameText } from './frame-text.ts';
import { parseFrames, type ReceivedFrame } from './parse-frames.ts';

const BARE = new BareEncoding('memory');

/** A pipe without a network: the test is the client at its other end. */
export class MemoryTransport implements Transport {
  readonly encoding: WireEncoding;
  readonly isBrowser: boolean;
  readonly isProbing: boolean;
  readonly peer: string;
  bufferedBytes = 0;
  packetsOut = 0;
  bytesIn = 0;
  bytesTaken = 0;
  isMidMessage = false;
  isCutOff = false;
  isPaused = false;
  closedWith: { readonly code: number; readonly reason: string } | null = null;
  heartBeats = 0;
  /** True: what is written stays in `bufferedBytes`, as with a client that never reads. */
  isStuck = false;
  readonly #frames: ReceivedFrame[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #receiver: Receiver | null = null;

  constructor(
    options: {
      isBrowser?: boolean;
      isProbing?: boolean;
      encoding?: WireEncoding;
      peer?: string;
    } = {},
  ) {
    this.peer = options.peer ?? 'memory';
    this.isBrowser = options.isBrowser ?? false;
    this.isProbing = options.isProbing ?? false;
    this.encoding = options.encoding ?? BARE;
  }

  open(receiver: Receiver): this {
    this.#receiver = receiver;
    return this;
  }

  // What the broker does with it.

  write(packet: Packet): void {
    if (this.closedWith !== null) return;
    this.packetsOut += 1;
    if (this.isStuck) this.bufferedBytes += packetBytes(packet);
    const bytes = Buffer.concat([this.#rest, wholePacket(packet)]);
    const { frames, heartBeats, rest } = parseFrames(bytes);
    this.#frames.push(...frames);
    this.heartBeats += heartBeats;
    this.#rest = rest;
  }

  close(code: number, reason: string): void {
    this.closedWith ??= { code, reason };
  }

  cutOff(): void {
    this.isCutOff = true;
    this.bufferedBytes = 0;
    this.closedWith ??= { code: 1006, reason: '' };
    queueMicrotask(() => this.lose());
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  // What the test does.

  /** The client writes these bytes. */
  say(text: string | Buffer): this {
    this.#receiver?.received(Buffer.from(text));
    return this;
  }

  frame(command: string, headers?: Record<string, string>, body?: string): this {
    return this.say(frameText(command, headers, body));
  }

  /** The client reads what had piled up. */
  drain(): void {
    this.bufferedBytes = 0;
    this.#receiver?.drained();
  }

  /** The peer showed a sign of life below STOMP. */
  pong(): void {
    this.#receiver?.alive();
  }

  /** The connection is gone. */
  lose(): void {
    this.#receiver?.closed();
  }

  /** All frames since the last call. */
  take(): ReceivedFrame[] {
    return this.#frames.splice(0);
  }
}
