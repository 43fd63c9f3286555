import { isUtf8 } from 'node:buffer';
import type { Packet, Tail } from '../packet.ts';

/**
 * Tails up to this size are copied into each packet, because one buffer and one plain write cost
 * less than a write of several buffers. A larger tail is encoded once, and is part of every packet
 * as it is.
 */
const COPIED_BYTES = 16 * 1_024;

/** The shared end of a frame, as octets. */
export class FrameTail implements Tail {
  readonly body: Buffer;
  readonly bytes: number;
  /** Follows the body. */
  readonly end: Buffer;
  readonly lines: string;
  readonly #linesBytes: number;
  #isText: boolean | null = null;
  #whole: Buffer | null = null;

  constructor(lines: string, body: Buffer, end: Buffer) {
    this.body = body;
    this.end = end;
    this.lines = lines;
    this.#linesBytes = Buffer.byteLength(lines);
    this.bytes = this.#linesBytes + body.length + end.length;
  }

  /** True if the tail is valid UTF-8. */
  get isText(): boolean {
    this.#isText ??= isUtf8(this.body);
    return this.#isText;
  }

  get isCopied(): boolean {
    return this.bytes <= COPIED_BYTES;
  }

  get whole(): Buffer {
    this.#whole ??= this.#encode();
    return this.#whole;
  }

  #encode(): Buffer {
    const whole = Buffer.allocUnsafe(this.bytes);
    whole.write(this.lines, 0, 'utf8');
    this.body.copy(whole, this.#linesBytes);
    this.end.copy(whole, this.#linesBytes + this.body.length);
    return whole;
  }
}

/** Assembles a packet: small parts are copied into one buffer, and large tails are not copied. */
export class PacketBuilder {
  readonly #pieces: Buffer[] = [];
  #run: (Buffer | string)[] = [];
  #runBytes = 0;

  octets(octets: Buffer): void {
    this.#run.push(octets);
    this.#runBytes += octets.length;
  }

  /** @param headBytes octets of the head */
  frame(head: string, headBytes: number, tail: FrameTail): void {
    this.#runBytes += headBytes;
    if (tail.isCopied) {
      // Adjacent texts are joined, so that one call writes them.
      this.#run.push(head + tail.lines);
      if (tail.body.length > 0) this.#run.push(tail.body);
      if (tail.end.length > 0) this.#run.push(tail.end);
      this.#runBytes += tail.bytes;
      return;
    }
    this.#run.push(head);
    this.#endRun();
    this.#pieces.push(tail.whole);
  }

  packet(): Packet {
    if (this.#run.length > 0) this.#endRun();
    const [first] = this.#pieces;
    return first !== undefined && this.#pieces.length === 1 ? first : this.#pieces;
  }

  #endRun(): void {
    const piece = Buffer.allocUnsafe(this.#runBytes);
    let at = 0;
    for (const part of this.#run) {
      if (typeof part === 'string') at += piece.write(part, at, 'utf8');
      else {
        piece.set(part, at);
        at += part.length;
      }
    }
    this.#pieces.push(piece);
    this.#run = [];
    this.#runBytes = 0;
  }
}
