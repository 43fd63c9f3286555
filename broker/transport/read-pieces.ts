// Node reads up to 64 KiB from a socket at once. A parser that is given all of it works through
// thousands of requests or WebSocket frames without a pause, and the event loop waits for it.

import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';

/** The smallest request has 27 octets, and aborting one costs about 20 µs. */
const HTTP_PIECE_BYTES = 1_024;
/** Chunks up to this size are parsed at once, so a client that does not flood never waits. */
const SMALL_BYTES = 4_096;
/** The time for parsing the input of all sockets in one turn of the event loop. */
const TURN_MS = 10;

type Chunk = Buffer | null;

/** Input that waits to be parsed. */
interface Waiting {
  goOn(): void;
}

/**
 * Feeds the input of one HTTP connection to its parser in pieces, while no request of the
 * connection waits for its turn and there is parsing time left. Pausing the socket is not enough,
 * because Node resumes it after each request.
 */
export class HttpInput implements Waiting {
  readonly #mayParse: () => boolean;
  readonly #socket: Socket;
  readonly #turns: ReadTurns;
  #isReleased = false;
  #rest: Buffer | null = null;

  constructor(socket: Socket, turns: ReadTurns, mayParse: () => boolean) {
    this.#mayParse = mayParse;
    this.#socket = socket;
    this.#turns = turns;
    // A `data` listener makes Node feed the parser by events, and no longer directly by the handle.
    socket.on('data', ignore);
    socket.off('data', ignore);
    socket.push = (chunk: Chunk) => (chunk === null ? pushTo(socket, chunk) : this.#parse(chunk));
    socket._read = (size) => {
      if (this.#rest === null) Socket.prototype._read.call(socket, size);
    };
  }

  /** The connection is upgraded: its input no longer waits, so chunks keep their order. */
  release(): void {
    this.#isReleased = true;
  }

  /** Parses the input that waited. */
  goOn(): void {
    if (this.#rest !== null) this.#parse(this.#rest);
  }

  /** False: the socket is to stop reading. */
  #parse(chunk: Buffer): boolean {
    let takesMore = false;
    this.#rest = chunk;
    while (this.#rest !== null && this.#mayParse()) {
      if (!this.#turns.hasTime && !this.#isReleased) {
        this.#turns.wait(this);
        break;
      }
      const piece: Buffer = this.#rest.subarray(0, HTTP_PIECE_BYTES);
      const isLast: boolean = piece.length === this.#rest.length;
      this.#rest = isLast ? null : this.#rest.subarray(piece.length);
      takesMore = this.#turns.spend(() => pushTo(this.#socket, piece));
    }
    return takesMore && this.#rest === null;
  }
}

function ignore(): void {}

/** Calls `push` of the stream, which the socket's own `push` hides. */
function pushTo(socket: Socket, chunk: Chunk): boolean {
  return Duplex.prototype.push.call(socket, chunk);
}

/** The input of one WebSocket that was read and is not parsed yet. */
export class PacedInput implements Waiting {
  readonly socket: Socket;
  readonly #turns: ReadTurns;
  #rest: Buffer | null = null;

  constructor(socket: Socket, turns: ReadTurns) {
    this.socket = socket;
    this.#turns = turns;
    socket.push = (chunk: Chunk) => this.#push(chunk);
    // Later input must wait behind the input that waits already.
    socket._read = (size) => {
      if (this.#rest === null) Socket.prototype._read.call(socket, size);
    };
  }

  get parsedBytes(): number {
    return this.socket.bytesRead - (this.#rest?.length ?? 0);
  }

  goOn(): void {
    if (this.#rest !== null) this.#parse(this.#rest);
  }

  /** False: the socket is to stop reading. */
  #push(chunk: Chunk): boolean {
    if (chunk === null || chunk.length <= SMALL_BYTES) return pushTo(this.socket, chunk);
    return this.#parse(chunk);
  }

  #parse(chunk: Buffer): boolean {
    if (!this.#turns.hasTime) {
      this.#rest = chunk;
      this.#turns.wait(this);
      return false;
    }
    this.#rest = null;
    return this.#turns.spend(() => pushTo(this.socket, chunk));
  }
}

/**
 * Shares the time for parsing among all connections. Once the time of a turn of the event loop is
 * used up, further input waits for the next turn, and its sockets are not read meanwhile.
 */
export class ReadTurns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** In the order of their turns. */
  readonly #waiting = new Set<Waiting>();
  #isScheduled = false;
  #spentMs = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** True while there is parsing time left in this turn. */
  get hasTime(): boolean {
    return this.#spentMs < TURN_MS;
  }

  /** Runs a piece of work, and charges its time. */
  spend<T>(work: () => T): T {
    this.#schedule();
    const startedAt = this.#clock.monotonic();
    try {
      return work();
    } finally {
      this.#spentMs += this.#clock.monotonic() - startedAt;
    }
  }

  /** Calls the input again when there is time. */
  wait(input: Waiting): void {
    this.#waiting.add(input);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      this.#goRound();
    });
  }

  /** Lets each input that waits by now go on once, as long as there is time. */
  #goRound(): void {
    for (const input of [...this.#waiting]) {
      if (!this.hasTime) break;
      this.#waiting.delete(input);
      input.goOn();
    }
    this.#spentMs = 0;
    if (this.#waiting.size > 0) this.#schedule();
  }
}
