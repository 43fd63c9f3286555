import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { DirectWriter } from './direct-write.ts';
import { gather, type Left, tellOfRoom, writeGathered } from './gather.ts';
import type { Packet, Receiver, Transport, WireEncoding } from './transport.ts';

const EOL = Buffer.from('\n');

// As other brokers do over TCP: clients that read the octet after a frame's NUL, PHP's extension
// among them, lose the next frame if that octet is its first.
const TCP: WireEncoding = {
  name: 'tcp',
  isTextOnly: false,
  wrap: (frames) => Buffer.concat(frames.flatMap((frame) => (isEol(frame) ? frame : [frame, EOL]))),
};

function isEol(frame: Buffer): boolean {
  return frame.equals(EOL);
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
  #isClosing = false;
  #left: Left | undefined;
  packetsOut = 0;

  constructor(socket: Socket, options: { readonly clock: Clock; readonly lingerMs: number }) {
    this.#socket = socket;
    this.#direct = new DirectWriter(socket);
    this.#clock = options.clock;
    this.#lingerMs = options.lingerMs;
    this.peer = socket.remoteAddress ?? 'unknown';
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  /** From here on the receiver is told of everything. */
  open(receiver: Receiver): void {
    this.#socket.on('data', (chunk) => {
      if (!this.#isClosing) receiver.received(chunk);
    });
    this.#left = tellOfRoom(this.#socket, receiver);
    // Who only stops speaking may still listen: what it is owed goes out before we stop as well.
    this.#socket.on('end', () => receiver.finished());
    this.#socket.on('close', () => receiver.closed());
  }

  write(packet: Packet): void {
    if (this.#isClosing) return;
    this.packetsOut += 1;
    writeGathered(this.#socket, packet, this.#direct, this.#left);
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
