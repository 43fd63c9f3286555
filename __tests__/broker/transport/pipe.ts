import { isUtf8 } from 'node:buffer';
import { connect } from 'node:net';
import { afterEach } from '@jest/globals';
import SockJS from 'sockjs-client';
import { WebSocket } from 'ws';
import { frameText } from '../../support/frame-text.ts';
import { parseFrames, type ReceivedFrame } from '../../support/parse-frames.ts';
import { tcpPortOf } from '../../support/start-server.ts';

type Piece = string | Buffer;

interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** The end of a pipe without close codes. */
export const NO_CODE: Ending = { code: 0, reason: '' };

interface Wire {
  send(piece: Piece): void;
  close(): void;
}

interface WireEvents {
  opened(): void;
  received(message: Buffer, isBinary: boolean): void;
  closed(ending: Ending): void;
}

/** One way for a client to reach the broker; `open` uses a third-party client. */
export interface PipeKind {
  readonly name: string;
  readonly carriesBinary: boolean;
  /** False: the pipe has no close codes, and only the last ERROR tells the reason. */
  readonly hasCloseCodes: boolean;
  readonly open: (url: string, events: WireEvents) => Wire;
  /** Splits a text into the smallest pieces that this pipe can send: octets, or UTF-16 units. */
  readonly cut: (text: string, size: number) => Piece[];
}

const opened: Pipe[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pipe) => pipe.close()));
});

export const PLAIN: PipeKind = {
  name: 'plain WebSocket',
  carriesBinary: true,
  hasCloseCodes: true,
  cut: (text, size) => slices(Buffer.from(text), size),
  open(url, events) {
    const address = `${url.replace('http', 'ws')}/websc/websocket`;
    const webSocket = new WebSocket(address, ['v12.stomp']);
    webSocket.on('open', events.opened);
    webSocket.on('message', (data: Buffer, isBinary) => events.received(data, isBinary));
    webSocket.on('close', (code, reason) => events.closed({ code, reason: reason.toString() }));
    webSocket.on('error', () => undefined);
    return {
      send: (piece) => webSocket.send(piece, { binary: typeof piece !== 'string' }),
      close: () => webSocket.close(1000),
    };
  },
};

function sockJs(transport: string): PipeKind {
  return {
    name: `SockJS ${transport}`,
    carriesBinary: false,
    hasCloseCodes: true,
    cut: (text, size) => slices(text, size),
    open(url, events) {
      const socket = new SockJS(`${url}/websc`, null, { transports: [transport] });
      socket.onopen = events.opened;
      socket.onmessage = ({ data }) => events.received(Buffer.from(data), false);
      socket.onclose = ({ code, reason }) => events.closed({ code, reason });
      return { send: (piece) => socket.send(piece.toString()), close: () => socket.close() };
    },
  };
}

export const TCP: PipeKind = {
  name: 'TCP',
  carriesBinary: true,
  hasCloseCodes: false,
  cut: (text, size) => slices(Buffer.from(text), size),
  open(url, events) {
    const socket = connect({ host: '127.0.0.1', noDelay: true, port: tcpPortOf(url) });
    socket.on('connect', events.opened);
    socket.on('data', (data) => events.received(data, !isUtf8(data)));
    socket.on('close', () => events.closed(NO_CODE));
    socket.on('error', () => undefined);
    return { send: (piece) => socket.write(piece), close: () => socket.end() };
  },
};

/** All pipes. */
export const PIPE_KINDS: readonly PipeKind[] = [
  PLAIN,
  TCP,
  ...['websocket', 'xhr-streaming', 'xhr-polling', 'eventsource'].map(sockJs),
];

/** A STOMP client on any pipe, which does only what the test tells it. */
export class Pipe {
  readonly frames: ReceivedFrame[] = [];
  /** True for each message that came as binary. */
  readonly binary: boolean[] = [];
  readonly #kind: PipeKind;
  readonly #wire: Wire;
  #ending: Ending | null = null;
  #isOpen = false;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0;
  #waiting: (() => void)[] = [];

  private constructor(kind: PipeKind, url: string) {
    this.#kind = kind;
    this.#wire = kind.open(url, {
      opened: () => {
        this.#isOpen = true;
        this.#wake();
      },
      received: (message, isBinary) => this.#received(message, isBinary),
      closed: (ending) => {
        this.#ending = ending;
        this.#wake();
      },
    });
  }

  static async open(kind: PipeKind, url: string): Promise<Pipe> {
    const pipe = new Pipe(kind, url);
    opened.push(pipe);
    while (!pipe.#isOpen && pipe.#ending === null) await pipe.#change();
    if (pipe.#ending !== null) throw new Error(`refused with ${pipe.#ending.code}`);
    return pipe;
  }

  /** Opens the pipe, and connects. */
  static async connect(kind: PipeKind, url: string): Promise<Pipe> {
    const pipe = await Pipe.open(kind, url);
    pipe.frame('CONNECT', { 'accept-version': '1.2', host: 'test' });
    await pipe.expectFrame('CONNECTED');
    return pipe;
  }

  say(piece: Piece): void {
    this.#wire.send(piece);
  }

  /** Sends a text in pieces, each as a message of its own. */
  sayInPieces(text: string, size: number): void {
    for (const piece of this.#kind.cut(text, size)) this.say(piece);
  }

  frame(command: string, headers?: Record<string, string>, body?: string): void {
    this.say(frameText(command, headers, body));
  }

  async subscribe(destination: string): Promise<void> {
    this.frame('SUBSCRIBE', { destination, id: 'all', receipt: 'subscribed' });
    await this.expectFrame('RECEIPT');
  }

  /** The next frame with this command; frames before it are skipped. */
  async expectFrame(command: string): Promise<ReceivedFrame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken];
        this.#taken += 1;
        if (frame?.command === command) return frame;
      }
      if (this.#ending !== null) {
        throw new Error(`closed with ${this.#ending.code} ${this.#ending.reason}, no ${command}`);
      }
      await this.#change();
    }
  }

  /** The bodies of the next so many MESSAGEs. */
  async expectBodies(count: number): Promise<string[]> {
    const bodies: string[] = [];
    while (bodies.length < count) bodies.push((await this.expectFrame('MESSAGE')).body);
    return bodies;
  }

  /** Waits until the connection has ended. */
  async expectClose(): Promise<Ending> {
    while (this.#ending === null) await this.#change();
    return this.#ending;
  }

  async close(): Promise<void> {
    this.#wire.close();
    await this.expectClose();
  }

  #received(message: Buffer, isBinary: boolean): void {
    const { frames, rest } = parseFrames(Buffer.concat([this.#rest, message]));
    this.frames.push(...frames);
    this.binary.push(isBinary);
    this.#rest = rest;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The end of a pipe of this kind when the broker closes with a code. */
export function endingOf({ hasCloseCodes }: PipeKind, ending: Ending): Ending {
  return hasCloseCodes ? ending : NO_CODE;
}

function slices<T extends string | Buffer>(whole: T, size: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < whole.length; at += size) {
    const piece =
      typeof whole === 'string' ? whole.slice(at, at + size) : whole.subarray(at, at + size);
    pieces.push(piece);
  }
  return pieces;
}
