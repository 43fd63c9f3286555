import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HttpInput, type ReadTurns } from './read-pieces.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface TurnLimits {
  /** Requests of one connection that may wait for an earlier response. */
  readonly heldPerConnectionMax: number;
  /** Requests of all connections together. */
  readonly heldMax: number;
}

/**
 * No known client pipelines more. Each waiting request takes about 2 KiB, its connection up to 64
 * KiB of unparsed input, and Node needs about 20 µs to abort one when its client leaves.
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
 * Allows one response at a time on each connection. Node emits every request that it finds in a
 * chunk, so a client that pipelines hundreds (RFC 9112, 9.3.2, "Pipelining") would have them all
 * handled at once. Here each request waits until the response before it is done, and no more of the
 * connection's input is parsed meanwhile. A connection with too many waiting requests is closed;
 * clients have to expect that, and may retry.
 */
export class ResponseTurns {
  readonly #answer: Answer;
  readonly #limits: TurnLimits;
  readonly #reads: ReadTurns;
  readonly #inputs = new WeakMap<Socket, HttpInput>();
  /** The connections with an open response. */
  readonly #lines = new WeakMap<Socket, Line>();
  #held = 0;

  constructor(answer: Answer, reads: ReadTurns, limits: TurnLimits = LIMITS) {
    this.#answer = answer;
    this.#reads = reads;
    this.#limits = limits;
  }

  /** The number of requests that wait for an earlier response. */
  get held(): number {
    return this.#held;
  }

  /** Takes a new connection, to which Node has attached a parser. */
  add(socket: Socket): void {
    const mayParse = () => (this.#lines.get(socket)?.waiting.length ?? 0) === 0;
    this.#inputs.set(socket, new HttpInput(socket, this.#reads, mayParse));
  }

  /** Releases a connection that is upgraded, so that its input reaches the new protocol. */
  remove(socket: Socket): void {
    this.#inputs.get(socket)?.release();
    this.#inputs.delete(socket);
  }

  /** True while a response on this connection is not done. */
  isBusy(socket: Socket): boolean {
    return this.#lines.has(socket);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // Node still emits requests that it had read before the connection was closed.
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
      // In a later turn, so that other connections get theirs in between.
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
    // Resumes the rest of the request's body, or the next requests.
    if (line.waiting.length === 0) this.#inputs.get(socket)?.goOn();
  }
}
