import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from 'sockjs';
import type { Clock } from '../../clock.ts';
import { UnsentPackets } from '../../limits/unsent-packets.ts';
import { type SplitFrame, type Tail, wholePacket } from '../../packet.ts';
import { takenBytes } from '../taken-bytes.ts';
import type { Accept, Handshake, Packet, Receiver, Transport, WireEncoding } from '../transport.ts';
import { wellFormed } from './sockjs-envelope.ts';
import { closeConnection, endSession, internalsOf } from './sockjs-internals.ts';
import { TextJoiner } from './text-joiner.ts';

class TextTail implements Tail {
  readonly bytes: number;
  readonly text: string;

  constructor(text: string) {
    this.text = `${text}\0`;
    this.bytes = Buffer.byteLength(this.text);
  }
}

const SOCKJS_HTTP: WireEncoding = {
  name: 'sockjs-http',
  isTextOnly: true,
  join: (frames: readonly SplitFrame<TextTail>[]) =>
    frames.map(({ head, tail }) => wellFormed(head) + tail.text).join(''),
  prepare: (lines, body) => new TextTail(wellFormed(lines) + body.toString('utf8')),
  // All frames go into one message, because a polling client needs a request for each message.
  wrap: (frames) => Buffer.concat(frames).toString('utf8'),
};

export interface SockJsOpening {
  readonly handshake: Handshake;
  readonly isBrowser: boolean;
  readonly peer: string;
  /** The response to the request that opened the session. */
  readonly response: ServerResponse;
}

export interface SockJsHttpTransportOptions extends SockJsOpening {
  readonly clock: Clock;
  readonly lingerMs: number;
  /** Runs once the close envelope is sent; `sockjs` keeps the session for a while after that. */
  readonly onTold: () => void;
  /** Counts unsent packets. Default: they are not counted. */
  readonly unsent?: UnsentPackets | undefined;
}

/** One SockJS session over HTTP. `sockjs` writes the responses; `xhr-send.ts` passes the input. */
export class SockJsHttpTransport implements Transport {
  readonly encoding = SOCKJS_HTTP;
  readonly isBrowser: boolean;
  /** False: `sockjs` itself ends a session without requests, and HTTP offers nothing to ping. */
  readonly isProbing = false;
  readonly peer: string;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #joiner = new TextJoiner();
  readonly #lingerMs: number;
  readonly #onTold: () => void;
  readonly #receiver: Receiver;
  /** Responses that are not completely sent, ended or not, with their sockets. */
  readonly #responses = new Map<ServerResponse, Socket>();
  readonly #unsent: UnsentPackets;
  /** Packets that wait for the client's next request, as they are counted. */
  readonly #held: string[] = [];
  /** Bytes that the client took of earlier responses. */
  #takenBefore = 0;
  #arriving = 0;
  #isClosing = false;
  #isLetIn = false;
  /** True once `sockjs` has dropped the session and its unsent messages. */
  #isOver = false;
  #onResume: (() => void) | null = null;
  #isPaused = false;
  #waiting: readonly string[];
  #waitingBytes = 0;
  /** The value that was counted last. */
  #unsentInResponses = 0;
  /** Not counted, because Node itself times out incomplete requests. */
  readonly bytesIn = 0;
  readonly isMidMessage = false;
  packetsOut = 0;

  /** Throws if `sockjs` is not the expected version. */
  constructor(connection: Connection, accept: Accept, options: SockJsHttpTransportOptions) {
    this.#waiting = internalsOf(connection).waiting;
    this.#connection = connection;
    this.#clock = options.clock;
    this.#lingerMs = options.lingerMs;
    this.#onTold = options.onTold;
    this.#unsent = options.unsent ?? new UnsentPackets();
    this.#keep(options.response);
    this.isBrowser = options.isBrowser;
    this.peer = options.peer;
    this.#receiver = accept(this, options.handshake);
    connection.on('close', () => {
      this.#isClosing = true;
      this.#isOver = true;
      this.#count();
      this.resume();
      this.#lingerOnResponses();
      this.#receiver.closed();
    });
  }

  get isLetIn(): boolean {
    return this.#isLetIn;
  }

  get midMessageBytes(): number {
    return this.#arriving;
  }

  get bufferedBytes(): number {
    this.#count();
    return this.#waitingBytes + this.#unsentInResponses;
  }

  get bytesTaken(): number {
    let bytes = this.#takenBefore;
    for (const socket of this.#responses.values()) bytes += takenBytes(socket);
    return bytes;
  }

  write(packet: Packet): void {
    if (this.#isClosing) return;
    this.packetsOut += 1;
    const text = typeof packet === 'string' ? packet : wholePacket(packet).toString('utf8');
    this.#connection.write(text);
    this.#count();
    if (this.#waiting.length === 0) return;
    this.#waitingBytes += Buffer.byteLength(text);
    this.#held.push(text);
    this.#unsent.hold(text);
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.resume();
    const { response } = internalsOf(this.#connection);
    closeConnection(this.#connection, code, reason);
    response?.once('close', this.#onTold);
    this.#lingerOnResponses();
  }

  /** Closes the session at once. */
  cutOff(): void {
    endSession(this.#connection);
    for (const response of this.#responses.keys()) response.destroy();
  }

  /** A receiving request has arrived, and `sockjs` has not answered it yet. */
  answering(response: ServerResponse): void {
    this.#keep(response);
    // The close envelope needs a message of its own, after all messages that wait.
    const isLast = this.#isClosing && internalsOf(this.#connection).waiting.length === 0;
    if (isLast) response.once('close', this.#onTold);
  }

  /** `sockjs` has answered with the messages that waited. */
  answered(): void {
    this.#count();
  }

  letIn(): void {
    this.#isLetIn = true;
  }

  /** Bytes of an incomplete request have arrived; 0: the request is complete. */
  arriving(bytes: number): void {
    this.#arriving = bytes;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#onResume?.();
    this.#onResume = null;
  }

  /** Passes on the messages of a request; settles when the session reads again. */
  take(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const chunk = this.#joiner.join(text);
      if (chunk.length > 0 && !this.#isClosing) this.#receiver.received(chunk);
    }
    if (this.#isClosing || !this.#isPaused) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onResume = resolve;
    });
  }

  #keep(response: ServerResponse): void {
    const { socket } = response.req;
    this.#responses.set(response, socket);
    const drained = () => {
      this.#count();
      if (!this.#isClosing) this.#receiver.drained();
    };
    response.on('drain', drained);
    response.once('close', () => {
      this.#responses.delete(response);
      this.#takenBefore += takenBytes(socket);
      drained();
    });
  }

  #count(): void {
    this.#countWaiting();
    let bytes = 0;
    for (const response of this.#responses.keys()) bytes += response.writableLength;
    this.#unsent.count(bytes - this.#unsentInResponses);
    this.#unsentInResponses = bytes;
  }

  /** `sockjs` sends all waiting messages at once when the client polls, and begins a new list. */
  #countWaiting(): void {
    const { waiting } = internalsOf(this.#connection);
    if (waiting === this.#waiting && !this.#isOver) return;
    this.#waiting = waiting;
    this.#waitingBytes = 0;
    for (const text of this.#held.splice(0)) this.#unsent.release(text);
  }

  /** A client that does not read would keep the written responses in memory. */
  #lingerOnResponses(): void {
    if (this.#responses.size === 0) return;
    this.#clock.after(this.#lingerMs, () => {
      for (const response of this.#responses.keys()) response.destroy();
    });
  }
}
