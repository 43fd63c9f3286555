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

/** What a connection took too long for. */
export type Overdue = 'idle' | 'request' | 'send';

type Phase = 'waiting' | 'receiving' | 'answering';

const SECOND_MS = 1_000;
/** A request whose body brings this much in each second may take as long as it likes. */
const BYTES_PER_SECOND = 1_024;
/** Node ends an idle connection up to this much after the time that it tells the client. */
const NODE_MARGIN_MS = 2 * SECOND_MS;

/**
 * What one HTTP connection is doing, and since when. Node itself ends one whose head does not come
 * in time, or that is silent between requests; the rest is found out here. It holds no timer.
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

  /** Whether the request is still to be answered. */
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
    // Line ends between requests are no request, and to Node they are no silence either.
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
      // Behind the response to another request it is not read.
      const isItsTurn = response.socket !== null || response.writableEnded;
      return isItsTurn ? 'receiving' : 'answering';
    }
    return response.writableFinished || response.destroyed ? 'waiting' : 'answering';
  }
}
