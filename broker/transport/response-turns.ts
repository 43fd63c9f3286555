import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HttpInput, type ReadTurns } from './read-pieces.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface TurnLimits {
  /** Requests of one connection that may wait for the response before them. */
  readonly heldPerConnectionMax: number;
  /** Requests of all connections together. */
  readonly heldMax: number;
}

/**
 * No client is known to send more at once. Each request that waits takes about 2 KiB, its connection
 * up to 64 KiB that are not parsed yet, and Node needs about 20 µs to abort one when its client leaves.
 */
const LIMITS: TurnLimits = { heldPerConnectionMax: 256, heldMax: 2_000 };

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The requests of one connection behind its open response. */
interface Line {
  readonly waiting: Waiting[];
}

/**
 * One response at a time on each connection. Node hands over all requests that it finds in what it
 * read, so a client that sends hundreds at once (RFC 9112, 9.3.2, "Pipelining") would have them all
 * worked on at once. Here each waits until the response before it is done, and no more of
 * the connection's input is parsed meanwhile. A connection with too many that wait is ended; its client has to expect that
 * and may ask again.
 */
export class ResponseTurns {
  readonly #answer: Answer;
  readonly #limits: TurnLimits;
  readonly #reads: ReadTurns;
  readonly #inputs = new WeakMap<Socket, HttpInput>();
  /** Of each connection with an open response. */
  readonly #lines = new WeakMap<Socket, Line>();
  #held = 0;

  constructor(answer: Answer, reads: ReadTurns, limits: TurnLimits = LIMITS) {
    this.#answer = answer;
    this.#reads = reads;
    this.#limits = limits;
  }

  /** Requests that wait for the response before them. */
  get held(): number {
    return this.#held;
  }

  /** A connection was opened, and Node has given it to a parser. */
  add(socket: Socket): void {
    const mayParse = () => (this.#lines.get(socket)?.waiting.length ?? 0) === 0;
    this.#inputs.set(socket, new HttpInput(socket, this.#reads, mayParse));
  }

  /** The connection is upgraded: its input is no HTTP any more. */
  remove(socket: Socket): void {
    this.#inputs.get(socket)?.release();
    this.#inputs.delete(socket);
  }

  /** Whether a response on this connection is not done yet. */
  isBusy(socket: Socket): boolean {
    return this.#lines.has(socket);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // Node still hands over what it had read of a connection that was ended.
    if (socket.destroyed) return;
    const line = this.#lines.get(socket);
    if (line === undefined) {
      this.#lines.set(socket, { waiting: [] });
      this.#begin({ request, response });
    } else {
      this.#hold(line, { request, response });
    }
  }

  #hold(line: Line, next: Waiting): void {
    const { socket } = next.request;
    const { heldMax, heldPerConnectionMax } = this.#limits;
    if (line.waiting.length >= heldPerConnectionMax || this.#held >= heldMax) {
      socket.destroy();
      return;
    }
    line.waiting.push(next);
    this.#held += 1;
  }

  #begin({ request, response }: Waiting): void {
    response.once('close', () => this.#ended(request.socket));
    this.#answer(request, response);
  }

  #ended(socket: Socket): void {
    const line = this.#lines.get(socket);
    if (line === undefined) return;
    if (line.waiting.length > 0) {
      // In a turn of its own, so that other connections get theirs in between.
      setImmediate(() => this.#next(socket, line));
      return;
    }
    this.#lines.delete(socket);
  }

  #next(socket: Socket, line: Line): void {
    const next = line.waiting.shift();
    if (next === undefined || socket.destroyed) {
      this.#held -= line.waiting.length + (next === undefined ? 0 : 1);
      this.#lines.delete(socket);
      return;
    }
    this.#held -= 1;
    this.#begin(next);
    // The rest of its body, or the next requests.
    if (line.waiting.length === 0) this.#inputs.get(socket)?.goOn();
  }
}
