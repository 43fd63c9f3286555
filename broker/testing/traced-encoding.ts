import type { Packet, WireEncoding } from '../transport/transport.ts';

/** An encoding that remembers which STOMP frames a packet was made of. */
export class TracedEncoding implements WireEncoding {
  readonly isTextOnly: boolean;
  readonly name: string;
  readonly #encoding: WireEncoding;
  readonly #frames = new WeakMap<Buffer, readonly Buffer[]>();

  constructor(encoding: WireEncoding) {
    this.#encoding = encoding;
    this.isTextOnly = encoding.isTextOnly;
    this.name = encoding.name;
  }

  wrap(frames: readonly Buffer[]): Packet {
    const packet = this.#encoding.wrap(frames);
    // A wire that has one frame bare may take it for its packet: the bytes are the same.
    if (typeof packet !== 'string') this.#frames.set(packet, frames);
    return packet;
  }

  framesOf(packet: Packet): readonly Buffer[] {
    // Only SockJS over HTTP has packets of text, and they are its frames as they are.
    if (typeof packet === 'string') return [Buffer.from(packet)];
    return this.#frames.get(packet) ?? [packet];
  }
}
