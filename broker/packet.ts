// Packets, which are the units of output to a session, and the encodings that make them of STOMP
// frames. Routing and sessions pass packets on; only encodings and transports look into them.

/**
 * The content of one write: octets in one piece or several, or text on a wire that carries text only.
 * Packets share their pieces, so the pieces are immutable.
 */
export type Packet = Buffer | readonly Buffer[] | string;

/**
 * The end of a frame, from its first shared header to its NUL, in the encoding of one wire. It is
 * encoded once for all receivers whose frames differ only before it.
 */
export interface Tail {
  /** Octets on the wire. */
  readonly bytes: number;
}

/** A frame whose tail other frames share. */
export interface SplitFrame<T extends Tail = Tail> {
  /** The command and the receiver's own header lines, escaped; each ends with a line feed. */
  readonly head: string;
  readonly tail: T;
}

/** The encoding of STOMP frames on one kind of wire; all connections of that kind share it. */
export interface WireEncoding {
  readonly name: string;
  /** True if the wire can carry only UTF-8. */
  readonly isTextOnly: boolean;
  /** Encodes frames in order, as `wrap` would. A large tail becomes a piece of the packet uncopied. */
  join(frames: readonly SplitFrame[]): Packet;
  /** @param lines escaped header lines including the blank one; the NUL is added */
  prepare(lines: string, body: Buffer): Tail;
  /** Encodes frames in order; the result can be written any number of times. */
  wrap(frames: readonly Buffer[]): Buffer | string;
}

export function isInPieces(packet: Packet): packet is readonly Buffer[] {
  return Array.isArray(packet);
}

/** The size of a packet in octets; text counts as UTF-8. */
export function packetBytes(packet: Packet): number {
  if (typeof packet === 'string') return Buffer.byteLength(packet);
  if (Buffer.isBuffer(packet)) return packet.length;
  let bytes = 0;
  for (const piece of packet) bytes += piece.length;
  return bytes;
}

/** A packet as one buffer; it is copied if it has several pieces. */
export function wholePacket(packet: Packet): Buffer {
  if (typeof packet === 'string') return Buffer.from(packet);
  return Buffer.isBuffer(packet) ? packet : Buffer.concat(packet);
}
