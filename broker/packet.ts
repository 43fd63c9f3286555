// What a session is written: packets, and how each kind of wire makes them of STOMP frames.
// Routing, sessions and transports hand packets on; only an encoding and a transport look into one.

/**
 * What one write carries: octets, in one piece or in several, or the text of a wire that takes
 * nothing else. Its pieces are part of other packets as well, so nobody ever changes them.
 */
export type Packet = Buffer | readonly Buffer[] | string;

/**
 * The end of a frame, from its first shared header to its NUL, as one kind of wire carries it. It
 * is made once for all receivers that differ in the beginning only.
 */
export interface Tail {
  /** Octets on the wire. */
  readonly bytes: number;
}

/** A frame whose end is shared. */
export interface SplitFrame<T extends Tail = Tail> {
  /** The command and the receiver's own header lines, escaped; each ends with a line feed. */
  readonly head: string;
  readonly tail: T;
}

/** How STOMP frames go on one kind of wire; one object for all connections of that kind. */
export interface WireEncoding {
  readonly name: string;
  /** True where the wire has no way to carry octets that are no UTF-8. */
  readonly isTextOnly: boolean;
  /** Frames in order, as they would be wrapped; a large tail is part of the packet, not copied. */
  join(frames: readonly SplitFrame[]): Packet;
  /** @param lines escaped header lines, up to and with the blank one; the NUL is added */
  prepare(lines: string, body: Buffer): Tail;
  /** Frames in order, ready to be written any number of times. */
  wrap(frames: readonly Buffer[]): Buffer | string;
}

export function isInPieces(packet: Packet): packet is readonly Buffer[] {
  return Array.isArray(packet);
}

/** Octets of a packet; of a text, as UTF-8. */
export function packetBytes(packet: Packet): number {
  if (typeof packet === 'string') return Buffer.byteLength(packet);
  if (Buffer.isBuffer(packet)) return packet.length;
  let bytes = 0;
  for (const piece of packet) bytes += piece.length;
  return bytes;
}

/** A packet in one piece; copied if it has several. */
export function wholePacket(packet: Packet): Buffer {
  if (typeof packet === 'string') return Buffer.from(packet);
  return Buffer.isBuffer(packet) ? packet : Buffer.concat(packet);
}
