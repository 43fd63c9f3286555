import { PLAIN_DIALECT } from '../transport/dialect.ts';
import type { Accept, Handshake, Packet, Receiver, Transport } from '../transport/transport.ts';
import type { MemoryWebSocket, ServerEnd, WebSocketClosing } from './memory-web-socket.ts';
import { messagesIn } from './web-socket-messages.ts';

/** RFC 6455, 7.4.1. */
const ABNORMAL = 1006;
const TOO_LARGE = 1009;

/** The server's end of a MemoryWebSocket. Its packets are those of a plain WebSocket. */
export class MemoryTransport implements Transport, ServerEnd {
  readonly bufferedBytes = 0;
  readonly bytesIn = 0;
  readonly bytesTaken = 0;
  readonly encoding = PLAIN_DIALECT.encoding;
  readonly isBrowser: boolean;
  readonly isMidMessage = false;
  readonly isProbing = false;
  readonly peer = 'memory';
  packetsOut = 0;
  readonly #client: MemoryWebSocket;
  readonly #messageBytesMax: number;
  /** Input that arrived while the transport was paused. */
  #held: (() => void)[] = [];
  #isOver = false;
  #isPaused = false;
  #receiver: Receiver | null = null;

  constructor(
    client: MemoryWebSocket,
    options: { readonly isBrowser: boolean; readonly messageBytesMax: number },
  ) {
    this.#client = client;
    this.isBrowser = options.isBrowser;
    this.#messageBytesMax = options.messageBytesMax;
  }

  /** Accepts the connection, and tells the client that it is open. */
  open(accept: Accept, handshake: Handshake): void {
    this.#receiver = accept(this, handshake);
    queueMicrotask(() => {
      if (!this.#isOver && !this.#client.opened(this)) this.cutOff();
    });
  }

  // For the session.

  write(packet: Packet): void {
    if (this.#isOver) return;
    this.packetsOut += 1;
    for (const message of messagesIn(packet)) queueMicrotask(() => this.#client.heard(message));
  }

  close(code: number, reason: string): void {
    this.#end({ code, reason, wasClean: true });
  }

  /** Ends the connection without writing anything more. */
  cutOff(): void {
    this.#end({ code: ABNORMAL, reason: '', wasClean: false });
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused) {
      const next = this.#held.shift();
      if (next === undefined) return;
      next();
    }
  }

  // For the client's end.

  hear(bytes: Buffer): void {
    if (bytes.length > this.#messageBytesMax) this.close(TOO_LARGE, '');
    else this.#incoming(() => this.#receiver?.received(bytes));
  }

  leave(closing: WebSocketClosing): void {
    this.#incoming(() => this.#end(closing));
  }

  #incoming(task: () => void): void {
    if (this.#isOver) return;
    if (this.#isPaused) this.#held.push(task);
    else task();
  }

  #end(closing: WebSocketClosing): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#held = [];
    queueMicrotask(() => {
      this.#client.ended(closing);
      this.#receiver?.closed();
    });
  }
}
