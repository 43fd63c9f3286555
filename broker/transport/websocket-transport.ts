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

/** What a client is cut off with that sent no JSON, as the `sockjs` package does. */
const BROKEN_FRAMING = 3000;
/** RFC 6455, 7.4.1, "1009". */
const TOO_LARGE = 1009;
/** Pings that are answered one by one in a turn of the event loop, as each pong is a system call. */
const PONGS_A_TURN = 8;

/** What all WebSockets of an endpoint have in common; each keeps a reference, and no more. */
export interface WebSocketTerms {
  readonly clock: Clock;
  readonly lingerMs: number;
  /** Counts what waits to be sent. */
  readonly unsent: UnsentPackets;
  /** Bytes that may come before the peer is let in, and are not part of a message that is whole. */
  readonly openingBytesMax: number;
  /** Told after the receiver was. */
  onClosed(transport: WebSocketTransport): void;
}

/**
 * What `ws` makes of an upgrade. It knows what it carries, so that the listeners need not: they are
 * the same five functions for all, where functions of its own would be half a KiB a connection.
 */
export class CarryingWebSocket extends WebSocket {
  transport: WebSocketTransport | null = null;
}

/**
 * One WebSocket. `ws` reads it and speaks the control frames; packets are whole messages of ours,
 * written to its socket as they are.
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
  /** Set until the peer is let in: looks at each chunk, as `ws` tells nobody of half a message. */
  #onChunk: (() => void) | null = () => this.#checkOpening();
  #awaitsDrain = false;
  /** The last ping that is not answered yet. */
  #owed: Buffer | null = null;
  /** Pings of this turn of the event loop. */
  #pings = 0;
  #waits: Waits | undefined;
  /** Bytes that were parsed when the last message, ping or pong was whole. */
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

  /** Hands the connection over. */
  open(accept: Accept, handshake: Handshake): void {
    const receiver = accept(this, handshake);
    this.#receiver = receiver;
    this.#webSocket.transport = this;
    this.#webSocket.on('message', onMessage);
    this.#webSocket.on('ping', onPing);
    this.#webSocket.on('pong', onPong);
    // The close event that follows says the same; without a listener it would end the process.
    this.#webSocket.on('error', onError);
    this.#webSocket.on('close', onClose);
    this.#waits = tellOfRoom(this.#socket, receiver, this.#terms.unsent);
    // After the listener of `ws`, which may have told of a whole message by then.
    if (this.#onChunk !== null) this.#socket.on('data', this.#onChunk);
  }

  // What its WebSocket tells.

  received(payload: Buffer): void {
    this.heard();
    // What follows a broken payload, or our goodbye, is not read any more.
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const chunks = this.#dialect.read(payload);
    if (chunks === null) {
      // SockJS protocol 0.3.3, "WebSocket": broken JSON ends it abruptly, without an envelope.
      this.#end(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    for (const chunk of chunks) {
      if (chunk.length > 0) this.#receiver?.received(chunk);
    }
  }

  /** Something whole came. */
  heard(): void {
    this.#readUpTo = this.#input.parsedBytes;
  }

  /**
   * RFC 6455, 5.5.3: of several pings that are not answered yet, only the last needs a pong. So a client
   * that floods pings causes few writes, and one that reads no pongs does not make them pile up.
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

  // What is asked of it.

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

  /** Ends it without a word more. */
  cutOff(): void {
    // What was gathered is already said.
    this.#socket.uncork();
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
    // `ws` would go on to collect the message that it waits for.
    this.#webSocket.pause();
  }

  #end(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
    // Who does not read does not answer either.
    this.#terms.clock.after(this.#terms.lingerMs, () => this.#webSocket.terminate());
  }
}

// The listeners, which `ws` calls as methods of a WebSocket.

function onMessage(this: WebSocket, payload: RawData): void {
  // A Buffer, unless another `binaryType` were asked for.
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
