import type { ServerResponse } from 'node:http';
import type { Connection } from 'sockjs';
import type { Clock } from '../clock.ts';
import { closeConnection, endSession, internalsOf } from './sockjs-internals.ts';
import { TextJoiner } from './text-joiner.ts';
import type { Accept, Handshake, Packet, Receiver, Transport, WireEncoding } from './transport.ts';

const SOCKJS_HTTP: WireEncoding = {
  name: 'sockjs-http',
  isTextOnly: true,
  // One message however many frames: a polling client needs a request for each.
  wrap: (frames) => Buffer.concat(frames).toString('utf8'),
};

export interface SockJsOpening {
  readonly handshake: Handshake;
  readonly isBrowser: boolean;
  readonly peer: string;
  /** The answer to the request that opened it. */
  readonly response: ServerResponse;
}

export interface SockJsHttpTransportOptions extends SockJsOpening {
  readonly clock: Clock;
  readonly lingerMs: number;
  /** Runs once the goodbye has gone out; `sockjs` keeps the session a while after that. */
  readonly onTold: () => void;
}

/** One SockJS session over HTTP: `sockjs` writes the responses, what is sent comes in here. */
export class SockJsHttpTransport implements Transport {
  readonly encoding = SOCKJS_HTTP;
  readonly isBrowser: boolean;
  /** `sockjs` ends a session without a request by itself; below that there is nothing to ask. */
  readonly isProbing = false;
  readonly peer: string;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #joiner = new TextJoiner();
  readonly #lingerMs: number;
  readonly #onTold: () => void;
  readonly #receiver: Receiver;
  /** Those that have not left the process as a whole, ended or not. */
  readonly #responses = new Set<ServerResponse>();
  #isClosing = false;
  #onResume: (() => void) | null = null;
  #isPaused = false;
  #waiting: readonly string[];
  #waitingBytes = 0;
  /** Requests are Node's to time out. */
  readonly bytesIn = 0;
  readonly isMidMessage = false;
  packetsOut = 0;

  /** Throws where `sockjs` is not the version that is known. */
  constructor(connection: Connection, accept: Accept, options: SockJsHttpTransportOptions) {
    this.#waiting = internalsOf(connection).waiting;
    this.#connection = connection;
    this.#clock = options.clock;
    this.#lingerMs = options.lingerMs;
    this.#onTold = options.onTold;
    this.#keep(options.response);
    this.isBrowser = options.isBrowser;
    this.peer = options.peer;
    this.#receiver = accept(this, options.handshake);
    connection.on('close', () => {
      this.#isClosing = true;
      this.resume();
      this.#lingerOnResponses();
      this.#receiver.closed();
    });
  }

  get bufferedBytes(): number {
    this.#countWaiting();
    let bytes = this.#waitingBytes;
    for (const response of this.#responses) bytes += response.writableLength;
    return bytes;
  }

  write(packet: Packet): void {
    if (this.#isClosing) return;
    this.packetsOut += 1;
    const text = packet.toString();
    this.#connection.write(text);
    this.#countWaiting();
    if (this.#waiting.length > 0) this.#waitingBytes += Buffer.byteLength(text);
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

  /** Ends it without a word more. */
  cutOff(): void {
    endSession(this.#connection);
    for (const response of this.#responses) response.destroy();
  }

  /** The client came to fetch what there is, before `sockjs` answers it. */
  answering(response: ServerResponse): void {
    this.#keep(response);
    // The goodbye stands alone, after everything that waits.
    const isLast = this.#isClosing && internalsOf(this.#connection).waiting.length === 0;
    if (isLast) response.once('close', this.#onTold);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#onResume?.();
    this.#onResume = null;
  }

  /** Takes what a request brought; settles when the next may come. */
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
    this.#responses.add(response);
    const drained = () => {
      if (!this.#isClosing) this.#receiver.drained();
    };
    response.on('drain', drained);
    response.once('close', () => {
      this.#responses.delete(response);
      drained();
    });
  }

  /** What waits is taken as a whole, whenever the client asks; a new list begins then. */
  #countWaiting(): void {
    const { waiting } = internalsOf(this.#connection);
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.#waitingBytes = 0;
  }

  /** Who does not read would keep what was written in memory. */
  #lingerOnResponses(): void {
    if (this.#responses.size === 0) return;
    this.#clock.after(this.#lingerMs, () => {
      for (const response of this.#responses) response.destroy();
    });
  }
}
