// The client of the conformance tests: it says the octets that it is given, and takes what comes
// strictly in turn, each frame as it was on the wire.

import { afterEach } from '@jest/globals';
import type { StompVersion } from '../../broker/stomp/version.ts';
import { type PipeKind, PLAIN, TCP } from '../broker/transport/pipe.ts';
import { frameText } from '../support/frame-text.ts';
import { readFrame, type WireFrame } from './wire-frame.ts';

type Headers = Readonly<Record<string, string>>;

interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** What carries octets as they are. */
export const WIRES = [PLAIN, TCP] as const;

const LF = 10;

/** Where nothing else is. */
const ASIDE = '/topic/aside';

/** Who waits longer than this for something waits in vain. */
const GIVE_UP_MS = 10_000;

const opened: StompPeer[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((peer) => peer.leave()));
});

export class StompPeer {
  /** Line ends between the frames that were taken, but for the one that ends a frame over TCP. */
  eols = 0;
  readonly #hasLineEnds: boolean;
  readonly #wire: ReturnType<PipeKind['open']>;
  #ending: Ending | null = null;
  #isBehindFrame = false;
  #isOpen = false;
  #rest: Buffer = Buffer.alloc(0);
  #settled = 0;
  #waiting: (() => void)[] = [];

  private constructor(kind: PipeKind, url: string) {
    this.#hasLineEnds = kind === TCP;
    this.#wire = kind.open(url, {
      opened: () => {
        this.#isOpen = true;
        this.#wake();
      },
      received: (octets) => this.#received(octets),
      closed: (ending) => {
        this.#ending = ending;
        this.#wake();
      },
    });
  }

  static async open(kind: PipeKind, url: string): Promise<StompPeer> {
    const peer = new StompPeer(kind, url);
    opened.push(peer);
    while (!peer.#isOpen && peer.#ending === null) await peer.#change();
    return peer;
  }

  /** Opens and logs in. */
  static async connect(
    kind: PipeKind,
    url: string,
    version: StompVersion = '1.2',
    headers: Headers = {},
  ): Promise<StompPeer> {
    const peer = await StompPeer.open(kind, url);
    peer.frame('CONNECT', { 'accept-version': version, host: 'test', ...headers });
    await peer.expect('CONNECTED');
    return peer;
  }

  /** Octets that came and were not taken. */
  get waiting(): number {
    return this.#rest.length;
  }

  say(octets: string | Buffer): void {
    this.#wire.send(octets);
  }

  /** Headers are written as they are given. */
  frame(command: string, headers?: Headers, body?: string): void {
    this.say(frameText(command, headers, body));
  }

  /** Subscribes as `0`. */
  async subscribe(destination: string, headers: Headers = {}): Promise<void> {
    this.frame('SUBSCRIBE', { id: '0', destination, receipt: 'subscribed', ...headers });
    await this.expectReceipt('subscribed');
  }

  /** The next frame, which is of this command. */
  async expect(command: string): Promise<WireFrame> {
    let frame = this.#take();
    while (frame === null && this.#ending === null) {
      await this.#change();
      frame = this.#take();
    }
    if (frame?.command === command) return frame;
    const end = `the end: ${this.#ending?.code} ${this.#ending?.reason}`;
    const came = frame === null ? end : destinationHeader(frame.octets);
    throw new Error(`${command} was to come, and there came ${came}`);
  }

  async expectReceipt(id: string): Promise<WireFrame> {
    const receipt = await this.expect('RECEIPT');
    if (receipt.headers['receipt-id'] === id) return receipt;
    throw new Error(
      `the receipt ${id} was to come, and there came ${destinationHeader(receipt.octets)}`,
    );
  }

  /** The next is an ERROR of this code, and the last that comes. */
  async expectError(code: string): Promise<WireFrame> {
    const error = await this.expect('ERROR');
    if (error.headers.code !== code) {
      throw new Error(
        `the error ${code} was to come, and there came ${destinationHeader(error.octets)}`,
      );
    }
    await this.expectEnd();
    return error;
  }

  /** The connection ends, whatever comes before. */
  async ended(): Promise<Ending> {
    while (this.#ending === null) await this.#change();
    return this.#ending;
  }

  /** The connection ends, and nothing comes before. */
  async expectEnd(): Promise<Ending> {
    const ending = await this.ended();
    const frame = this.#take();
    if (frame !== null)
      throw new Error(`before the end there came ${destinationHeader(frame.octets)}`);
    if (this.#rest.length > 0)
      throw new Error(`at the end there was half a frame: ${destinationHeader(this.#rest)}`);
    return ending;
  }

  /** Shows, by a frame there and back, that nothing else was on its way. */
  async expectNothing(): Promise<void> {
    this.#settled += 1;
    const receipt = `settled ${this.#settled}`;
    this.frame('SEND', { destination: ASIDE, receipt });
    await this.expectReceipt(receipt);
  }

  /** Waits for so many line ends between frames. */
  async expectEols(count: number): Promise<void> {
    for (;;) {
      const frame = this.#take();
      if (frame !== null)
        throw new Error(`in the place of a line end came ${destinationHeader(frame.octets)}`);
      if (this.eols >= count) return;
      if (this.#ending !== null) throw new Error(`it ended after ${this.eols} line ends`);
      await this.#change();
    }
  }

  /** Closes without a word. */
  async leave(): Promise<Ending> {
    if (this.#ending === null) this.#wire.close();
    return this.ended();
  }

  #received(octets: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, octets]);
    this.#takeLineEnd();
    this.#wake();
  }

  /** The next frame, if it is there; line ends before it are counted. */
  #take(): WireFrame | null {
    for (;;) {
      const read = readFrame(this.#rest);
      if (read.type === 'more') return null;
      const length = read.type === 'frame' ? read.frame.octets.length : 1;
      this.#rest = this.#rest.subarray(length);
      if (read.type === 'frame') {
        this.#isBehindFrame = this.#hasLineEnds;
        this.#takeLineEnd();
        return read.frame;
      }
      this.eols += 1;
    }
  }

  #takeLineEnd(): void {
    if (!this.#isBehindFrame || this.#rest.length === 0) return;
    if (this.#rest[0] !== LF)
      throw new Error(`no line end before ${destinationHeader(this.#rest)}`);
    this.#rest = this.#rest.subarray(1);
    this.#isBehindFrame = false;
  }

  #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing came')), GIVE_UP_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function destinationHeader(octets: Buffer): string {
  return JSON.stringify(octets.toString('utf8', 0, 500));
}
