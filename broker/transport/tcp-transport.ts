import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { UnsentPackets } from '../limits/unsent-packets.ts';
import type { SplitFrame } from '../packet.ts';
import { DirectWriter } from './direct-write.ts';
import { gather, tellOfRoom, type Waits, writeGathered } from './gather.ts';
import { FrameTail, PacketBuilder } from './packet-builder.ts';
import { takenBytes } from './taken-bytes.ts';
import type { Packet, Receiver, Transport, WireEncoding } from './transport.ts';

const EOL = Buffer.from('\n');
const NUL_EOL = Buffer.from('\0\n');

// As other brokers do over TCP: clients that read the octet after a frame's NUL, PHP's extension
// among them, lose the next frame if that octet is its first.
const TCP: WireEncoding = {
  name: 'tcp',
  isTextOnly: false,
  join: joinFrames,
  prepare: (lines, body) => new FrameTail(lines, body, NUL_EOL),
  wrap: (frames) => Buffer.concat(frames.flatMap((frame) => (isEol(frame) ? frame : [frame, EOL]))),
};

function joinFrames(frames: readonly SplitFrame<FrameTail>[]): Packet {
  const builder = new PacketBuilder();
  for (const { head, tail } of frames) builder.frame(head, Buffer.byteLength(head), tail);
  return builder.packet();
}

function isEol(frame: Buffer): boolean {
  return frame.equals(EOL);
}

export interface TcpTransportOptions {
  readonly clock: Clock;
  readonly lingerMs: number;
  /** Counts what waits to be sent. Default: nobody does. */
  readonly unsent?: UnsentPackets | undefined;
}

/** One TCP connection: STOMP as it is. It has no close codes; the ERROR before tells why. */
export class TcpTransport implements Transport {
  readonly encoding = TCP;
  readonly isBrowser = false;
  readonly isProbing = false;
  readonly isMidMessage = false;
  readonly peer: string;
  readonly #clock: Clock;
  readonly #lingerMs: number;
  readonly #direct: DirectWriter;
  readonly #socket: Socket;
  readonly #unsent: UnsentPackets;
  #isClosing = false;
  #waits: Waits | undefined;
  packetsOut = 0;

  constructor(socket: Socket, options: TcpTransportOptions) {
    this.#socket = socket;
    this.#direct = new DirectWriter(socket);
    this.#clock = options.clock;
    this.#lingerMs = options.lingerMs;
    this.#unsent = options.unsent ?? new UnsentPackets();
    this.peer = socket.remoteAddress ?? 'unknown';
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get bytesTaken(): number {
    return takenBytes(this.#socket);
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  /** From here on the receiver is told of everything. */
  open(receiver: Receiver): void {
    this.#socket.on('data', (chunk) => {
      if (!this.#isClosing) receiver.received(chunk);
    });
    this.#waits = tellOfRoom(this.#socket, receiver, this.#unsent);
    // Who only stops speaking may still listen: what it is owed goes out before we stop as well.
    this.#socket.on('end', () => receiver.finished());
    this.#socket.on('close', () => receiver.closed());
  }

  write(packet: Packet): void {
    if (this.#isClosing) return;
    this.packetsOut += 1;
    writeGathered(this.#socket, packet, this.#direct, this.#waits);
  }

  gather(): void {
    gather(this.#socket);
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    // What still comes is read and dropped: a close with unread input would reset the connection,
    // and take what we wrote last with it.
    this.#socket.resume();
    this.#socket.end();
    // Who does not read does not answer either.
    this.#clock.after(this.#lingerMs, () => this.#socket.destroy());
  }

  /** Ends it without a word more. */
  cutOff(): void {
    // What was gathered is already said.
    this.#socket.uncork();
    this.#socket.destroy();
  }

  pause(): void {
    if (!this.#isClosing) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
