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

// A line feed after each frame, as other brokers send it over TCP. Some clients, PHP's extension
// among them, read one octet past a frame's NUL, and would otherwise lose the first octet of the
// next frame.
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
  /** Counts unsent packets. Default: they are not counted. */
  readonly unsent?: UnsentPackets | undefined;
}

/** One TCP connection with plain STOMP. It has no close codes: the last ERROR tells the reason. */
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

  /** Passes the connection's events to the receiver from here on. */
  open(receiver: Receiver): void {
    this.#socket.on('data', (chunk) => {
      if (!this.#isClosing) receiver.received(chunk);
    });
    this.#waits = tellOfRoom(this.#socket, receiver, this.#unsent);
    // A client that only stopped sending may still read, so replies go out before we end our side.
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
    // Further input is read and dropped: closing with unread input would reset the connection, and
    // the last packets would be lost with it.
    this.#socket.resume();
    this.#socket.end();
    // A client that does not read will not close its side.
    this.#clock.after(this.#lingerMs, () => this.#socket.destroy());
  }

  /** Closes the connection at once. */
  cutOff(): void {
    // Gathered packets count as written, so they go out first.
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
