import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { Dialect } from './dialect.ts';
import { gather } from './gather.ts';
import type { Accept, Handshake, Packet, Receiver, Transport, WireEncoding } from './transport.ts';

/** What a client is cut off with that sent no JSON, as the `sockjs` package does. */
const BROKEN_FRAMING = 3000;

export interface WebSocketPeer {
  readonly isBrowser: boolean;
  readonly peer: string;
}

/**
 * One WebSocket. `ws` reads it and speaks the control frames; packets are whole messages of ours,
 * written to its socket as they are.
 */
export class WebSocketTransport implements Transport {
  readonly isBrowser: boolean;
  readonly isProbing: boolean;
  readonly peer: string;
  readonly #clock: Clock;
  readonly #dialect: Dialect;
  readonly #lingerMs: number;
  readonly #socket: Socket;
  readonly #webSocket: WebSocket;
  packetsOut = 0;
  /** Bytes that were read when the last message, ping or pong was whole. */
  #readUpTo: number;

  constructor(
    webSocket: WebSocket,
    socket: Socket,
    dialect: Dialect,
    options: WebSocketPeer & { readonly clock: Clock; readonly lingerMs: number },
  ) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#dialect = dialect;
    this.#clock = options.clock;
    this.#lingerMs = options.lingerMs;
    this.isBrowser = options.isBrowser;
    this.isProbing = options.isBrowser;
    this.peer = options.peer;
    this.#readUpTo = socket.bytesRead;
    if (dialect.opening !== null) socket.write(dialect.opening);
  }

  get encoding(): WireEncoding {
    return this.#dialect.encoding;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get isMidMessage(): boolean {
    return this.#socket.bytesRead > this.#readUpTo;
  }

  /** Hands the connection over; `onClosed` runs after the receiver was told. */
  open(accept: Accept, handshake: Handshake, onClosed: () => void): void {
    const receiver = accept(this, handshake);
    this.#webSocket.on('message', (payload: Buffer) => {
      this.#readUpTo = this.#socket.bytesRead;
      this.#receive(payload, receiver);
    });
    this.#socket.on('drain', () => receiver.drained());
    this.#webSocket.on('ping', () => {
      this.#readUpTo = this.#socket.bytesRead;
    });
    this.#webSocket.on('pong', () => {
      this.#readUpTo = this.#socket.bytesRead;
      receiver.alive();
    });
    // The close event that follows says the same; without a listener it would end the process.
    this.#webSocket.on('error', () => undefined);
    this.#webSocket.on('close', () => {
      receiver.closed();
      onClosed();
    });
  }

  write(packet: Packet): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.packetsOut += 1;
    this.#socket.write(packet);
  }

  gather(): void {
    gather(this.#socket);
  }

  close(code: number, reason: string): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const goodbye = this.#dialect.goodbye(code, reason);
    if (goodbye.last !== null) this.write(goodbye.last);
    this.#end(goodbye.code, reason);
  }

  /** Ends it without a word more. */
  cutOff(): void {
    this.#webSocket.terminate();
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  /** Asks the peer for a sign of life. */
  beat(): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    // Not counted: a STOMP client does not see it, and is owed its own heart-beat.
    if (this.#dialect.heartBeat !== null) this.#socket.write(this.#dialect.heartBeat);
    if (this.isProbing) this.#webSocket.ping();
  }

  #receive(payload: Buffer, receiver: Receiver): void {
    // What follows a broken payload, or our goodbye, is not read any more.
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const chunks = this.#dialect.read(payload);
    if (chunks === null) {
      // SockJS protocol 0.3.3, "WebSocket": broken JSON ends it abruptly, without an envelope.
      this.#end(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    for (const chunk of chunks) {
      if (chunk.length > 0) receiver.received(chunk);
    }
  }

  #end(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    // Who does not read does not answer either.
    this.#clock.after(this.#lingerMs, () => this.#webSocket.terminate());
  }
}
