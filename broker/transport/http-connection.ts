import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Sending, SendProgress } from '../limits/send-progress.ts';
import { takenBytes } from './taken-bytes.ts';

export interface HttpTimeouts {
  readonly headersTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly requestTimeoutMs: number;
  readonly sendTimeoutMs: number;
}

/** The limit that a connection has exceeded. */
export type Overdue = 'idle' | 'request' | 'send';

type Phase = 'waiting' | 'receiving' | 'answering';

const SECOND_MS = 1_000;
/** A request whose body arrives at this many bytes a second may take any time. */
const BYTES_PER_SECOND = 1_024;
/**
 * Node closes an idle connection up to this much after the time that it announces to the client.
 */
const NODE_MARGIN_MS = 2 * SECOND_MS;

/**
 * The phase of one HTTP connection, and when it began. Node itself closes a connection whose
 * request head is late, or that is silent between requests; all other limits are checked here. No
 * timer: the owner asks.
 */
export class HttpConnection implements Sending {
  readonly #send: SendProgress;
  readonly #socket: Socket;
  #bytesAt = 0;
  #phase: Phase = 'waiting';
  #request: IncomingMessage | null = null;
  #response: ServerResponse | null = null;
  #since: number;

  constructor(socket: Socket, now: number) {
    this.#socket = socket;
    this.#since = now;
    this.#send = new SendProgress(now);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get bytesTaken(): number {
    return takenBytes(this.#socket);
  }

  /** True while the request is not answered. */
  get isUnanswered(): boolean {
    return this.#response !== null && !this.#response.headersSent;
  }

  /** The head of a request has come. */
  began(request: IncomingMessage, response: ServerResponse, now: number): void {
    this.#request = request;
    this.#response = response;
    this.#enter('receiving', now);
  }

  overdue(now: number, limits: HttpTimeouts): Overdue | null {
    if (this.#send.stuckMs(now, this) >= limits.sendTimeoutMs) return 'send';
    const phase = this.#phaseNow();
    if (phase !== this.#phase) this.#enter(phase, now);
    const elapsed = now - this.#since;
    if (phase === 'receiving') {
      const seconds = (this.#socket.bytesRead - this.#bytesAt) / BYTES_PER_SECOND;
      return elapsed >= limits.requestTimeoutMs + seconds * SECOND_MS ? 'request' : null;
    }
    if (phase === 'answering' || this.#socket.bytesRead === this.#bytesAt) return null;
    // Line ends between requests are not a request, yet they reset Node's idle timer.
    return elapsed >= limits.headersTimeoutMs + limits.keepAliveMs + NODE_MARGIN_MS ? 'idle' : null;
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#since = now;
    this.#bytesAt = this.#socket.bytesRead;
  }

  #phaseNow(): Phase {
    const request = this.#request;
    const response = this.#response;
    if (request === null || response === null) return 'waiting';
    if (!request.complete) {
      // It is not read until the response to the request before it is done.
      const isItsTurn = response.socket !== null || response.writableEnded;
      return isItsTurn ? 'receiving' : 'answering';
    }
    return response.writableFinished || response.destroyed ? 'waiting' : 'answering';
  }
}
