import type { SplitFrame, Tail } from '../packet.ts';
import type { Packet, WireEncoding } from '../transport/transport.ts';

interface TracedTail extends Tail {
  /** As STOMP has it, whatever the wire makes of it. */
  readonly octets: Buffer;
  readonly tail: Tail;
}

/** An encoding that remembers which STOMP frames a packet was made of. */
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
    // A wire that has one frame bare may take it for its packet: the bytes are the same.
    if (typeof packet !== 'string') this.#frames.set(packet, frames);
    return packet;
  }

  framesOf(packet: Packet): readonly Buffer[] {
    // Only SockJS over HTTP has packets of text, and they are its frames as they are.
    if (typeof packet === 'string') return [Buffer.from(packet)];
    const known = this.#frames.get(packet);
    if (known !== undefined) return known;
    return Buffer.isBuffer(packet) ? [packet] : [Buffer.concat(packet)];
  }
}
