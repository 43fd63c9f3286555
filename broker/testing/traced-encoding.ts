import type { SplitFrame, Tail } from '../packet.ts';
import type { Packet, WireEncoding } from '../transport/transport.ts';

interface TracedTail extends Tail {
  /** The octets of STOMP, before they are wrapped for the wire. */
  readonly octets: Buffer;
  readonly tail: Tail;
}

/** An encoding that remembers the STOMP frames of each packet. */
export class TracedEncoding implements WireEncoding {
  readonly isTextOnly: boolean;
  readonly name: string;
  readonly #encoding: WireEncoding;
  readonly #frames = new WeakMap<Exclude<Packet, string>, readonly Buffer[]>();

  constructor(encoding: WireEncoding) {
    this.#encoding = encoding;
    this.isTextOnly = encoding.isTextOnly;
    this.name = encoding.name;
  }

  join(frames: readonly SplitFrame<TracedTail>[]): Packet {
    const packet = this.#encoding.join(frames.map(({ head, tail: { tail } }) => ({ head, tail })));
    const whole = frames.map(({ head, tail }) => Buffer.concat([Buffer.from(head), tail.octets]));
    if (typeof packet !== 'string') this.#frames.set(packet, whole);
    return packet;
  }

  prepare(lines: string, body: Buffer): TracedTail {
    const tail = this.#encoding.prepare(lines, body);
    const octets = Buffer.concat([Buffer.from(lines), body, Buffer.of(0)]);
    return { bytes: tail.bytes, octets, tail };
  }

  wrap(frames: readonly Buffer[]): Buffer | string {
    const packet = this.#encoding.wrap(frames);
    // The encoding may return the frame itself as its packet, if the bytes are the same.
    if (typeof packet !== 'string') this.#frames.set(packet, frames);
    return packet;
  }

  framesOf(packet: Packet): readonly Buffer[] {
    // Only SockJS over HTTP has packets of text, which are STOMP frames without an envelope.
    if (typeof packet === 'string') return [Buffer.from(packet)];
    const known = this.#frames.get(packet);
    if (known !== undefined) return known;
    return Buffer.isBuffer(packet) ? [packet] : [Buffer.concat(packet)];
  }
}
