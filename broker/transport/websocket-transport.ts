import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Dialect } from './dialect.ts';
import { DirectWriter } from './direct-write.ts';
import { gather, tellOfRoom, type Waits, writeGathered } from './gather.ts';
import type { PacedInput } from './read-pieces.ts';
import { takenBytes } from './taken-bytes.ts';
import type { Accept, Handshake, Packet, Receiver, Transport, WireEncoding } from './transport.ts';

/** The close code for a client that sent malformed JSON, as the `sockjs` package uses it. */
const BROKEN_FRAMING = 3000;
/** RFC 6455, 7.4.1, "1009". */
const TOO_LARGE = 1009;
/** Pings answered one by one in a turn of the event loop; each pong is a system call. */
const PONGS_A_TURN = 8;

/** The settings that all WebSockets of an endpoint share by reference. */
export interface WebSocketTerms {
  readonly clock: Clock;
  readonly lingerMs: number;
  /** Counts unsent packets. */
  readonly unsent: UnsentPackets;
  /** Bytes of an incomplete message that may arrive before the client has logged in. */
  readonly openingBytesMax: number;
  /** Runs after the receiver's `closed`. */
  onClosed(transport: WebSocketTransport): void;
}

/**
 * The class that `ws` instantiates for an upgrade. It holds its transport, so that all connections
 * share the same five listeners; closures would cost half a KiB for each connection.
 */
export class CarryingWebSocket extends WebSocket {
  transport: WebSocketTransport | null = null;
}

/**
 * One WebSocket. `ws` parses its input and sends its control frames; packets are complete messages
 * that are written straight to the socket.
 */
export class WebSocketTransport implements Transport {
  readonly isBrowser: boolean;
  readonly peer: string;
  readonly #dialect: Dialect;
  readonly #direct: DirectWriter;
  readonly #input: PacedInput;
  readonly #socket: Socket;
  readonly #terms: WebSocketTerms;
  readonly #webSocket: CarryingWebSocket;
  packetsOut = 0;
  /** Set before the login: checks each chunk, because `ws` does not report incomplete messages. */
  #onChunk: (() => void) | null = () => this.#checkOpening();
  #awaitsDrain = false;
  /** The last unanswered ping. */
  #owed: Buffer | null = null;
  /** Pings received in this turn of the event loop. */
  #pings = 0;
  #waits: Waits | undefined;
  /** Bytes that had been parsed when the last message, ping or pong was complete. */
  #readUpTo: number;
  #receiver: Receiver | null = null;

  constructor(
    webSocket: CarryingWebSocket,
    input: PacedInput,
    dialect: Dialect,
    { isBrowser, peer, terms }: Pick<Transport, 'isBrowser' | 'peer'> & { terms: WebSocketTerms },
  ) {
    const { socket } = input;
    this.#webSocket = webSocket;
    this.#input = input;
    this.#socket = socket;
    this.#direct = new DirectWriter(socket);
    this.#dialect = dialect;
    this.#terms = terms;
    this.isBrowser = isBrowser;
    this.peer = peer;
    this.#readUpTo = input.parsedBytes;
    if (dialect.opening !== null) socket.write(dialect.opening);
  }

  get isProbing(): boolean {
    return this.isBrowser;
  }

  get encoding(): WireEncoding {
    return this.#dialect.encoding;
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

  get isMidMessage(): boolean {
    return this.#input.parsedBytes > this.#readUpTo;
  }

  get midMessageBytes(): number {
    return this.#input.parsedBytes - this.#readUpTo;
  }

  /** Starts passing the connection's events to the receiver. */
  open(accept: Accept, handshake: Handshake): void {
    const receiver = accept(this, handshake);
    this.#receiver = receiver;
    this.#webSocket.transport = this;
    this.#webSocket.on('message', onMessage);
    this.#webSocket.on('ping', onPing);
    this.#webSocket.on('pong', onPong);
    // A close event follows and is handled; without a listener, the error would end the process.
    this.#webSocket.on('error', onError);
    this.#webSocket.on('close', onClose);
    this.#waits = tellOfRoom(this.#socket, receiver, this.#terms.unsent);
    // Runs after the listener of `ws`, which has emitted the message by then if it is complete.
    if (this.#onChunk !== null) this.#socket.on('data', this.#onChunk);
  }

  // Called by the WebSocket's listeners.

  received(payload: Buffer): void {
    this.heard();
    // Messages after a malformed payload, or after our close, are ignored.
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const chunks = this.#dialect.read(payload);
    if (chunks === null) {
      // SockJS protocol 0.3.3, "WebSocket": malformed JSON closes the socket without an envelope.
      this.#end(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    for (const chunk of chunks) {
      if (chunk.length > 0) this.#receiver?.received(chunk);
    }
  }

  /** A complete message, ping or pong has arrived. */
  heard(): void {
    this.#readUpTo = this.#input.parsedBytes;
  }

  /**
   * RFC 6455, 5.5.3: of several unanswered pings only the last needs a pong. A client that floods
   * pings therefore causes few writes, and the pongs of one that does not read never pile up.
   */
  pinged(payload: Buffer): void {
    this.heard();
    if (this.#pings === 0) setImmediate(() => this.#turned());
    this.#pings += 1;
    if (this.#pings > PONGS_A_TURN || this.#socket.writableNeedDrain) this.#owed = payload;
    else this.#webSocket.pong(payload);
  }

  answered(): void {
    this.heard();
    this.#receiver?.alive();
  }

  closed(): void {
    this.#receiver?.closed();
    this.#terms.onClosed(this);
  }

  // Called by the session.

  letIn(): void {
    if (this.#onChunk !== null) this.#socket.off('data', this.#onChunk);
    this.#onChunk = null;
  }

  write(packet: Packet): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.packetsOut += 1;
    writeGathered(this.#socket, packet, this.#direct, this.#waits);
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

  /** Closes the connection at once. */
  cutOff(): void {
    // Gathered packets count as written, so they go out first.
    this.#socket.uncork();
    this.#webSocket.terminate();
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  /** Pings the peer, or sends the heart-beat of the dialect. */
  beat(): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    // Not counted as a packet: the STOMP client does not see it, and is still owed a heart-beat.
    if (this.#dialect.heartBeat !== null) this.#socket.write(this.#dialect.heartBeat);
    if (this.isProbing) this.#webSocket.ping();
  }

  #turned(): void {
    this.#pings = 0;
    if (this.#owed === null || this.#awaitsDrain) return;
    if (!this.#socket.writableNeedDrain) {
      this.#answerOwed();
      return;
    }
    this.#awaitsDrain = true;
    this.#socket.once('drain', () => {
      this.#awaitsDrain = false;
      this.#answerOwed();
    });
  }

  #answerOwed(): void {
    const payload = this.#owed;
    this.#owed = null;
    if (payload !== null && this.#webSocket.readyState === this.#webSocket.OPEN) {
      this.#webSocket.pong(payload);
    }
  }

  #checkOpening(): void {
    const isOver = this.midMessageBytes > this.#terms.openingBytesMax;
    if (this.#onChunk === null || !isOver) return;
    this.letIn();
    this.#end(TOO_LARGE, '');
    // `ws` would otherwise go on collecting the incomplete message.
    this.#webSocket.pause();
  }

  #end(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    // A client that does not read will not answer the close.
    this.#terms.clock.after(this.#terms.lingerMs, () => this.#webSocket.terminate());
  }
}

// The shared listeners; `ws` calls them with the WebSocket as `this`.

function onMessage(this: WebSocket, payload: RawData): void {
  // A Buffer, because `binaryType` is left at its default.
  transportOf(this)?.received(payload as Buffer);
}

function onPing(this: WebSocket, payload: Buffer): void {
  transportOf(this)?.pinged(payload);
}

function onPong(this: WebSocket): void {
  transportOf(this)?.answered();
}

function onError(): void {}

function onClose(this: WebSocket): void {
  transportOf(this)?.closed();
}

function transportOf(webSocket: WebSocket): WebSocketTransport | null {
  return webSocket instanceof CarryingWebSocket ? webSocket.transport : null;
}
