// A connection of an attacker, or of the witness: STOMP over TCP or over a WebSocket, without a
// library, so that it can send anything, and costs little. Input is counted and not kept.

import { connect } from 'node:net';
import { CountingReader } from './counting-reader.mjs';
import { frame } from './frames.mjs';
import { binaryMessage, unwrapMessages } from './websocket.mjs';

const ANSWER_END = '\r\n\r\n';
const NO_BYTES = Buffer.alloc(0);

/**
 * @typedef {object} LineOptions
 * @property {number} port
 * @property {string} [from] the address that it comes from; every one of 127.0.0.0/8 is ours
 * @property {import('./tally.mjs').Tally} [tally] where it counts
 * @property {(frame: import('./counting-reader.mjs').Read) => void} [onFrame]
 */

export class Line {
  /** The reason for its end; `null` while it is open. @type {string | null} */
  closed = null;
  reader;
  socket;
  #isWebSocket;
  #onClosed = [];
  #tally;
  #upgraded = null;
  #waiting = NO_BYTES;

  /** @param {LineOptions & { path?: string }} options with a path it is a WebSocket */
  constructor({ port, from = '127.0.0.1', tally, onFrame, path }) {
    this.#tally = tally;
    this.#isWebSocket = path !== undefined;
    this.reader = new CountingReader({ tally, onFrame });
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
    this.socket.on('data', (chunk) => this.#read(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.#over());
    if (path !== undefined) this.socket.write(upgradeRequest(path));
  }

  /** A TCP connection on which nothing was sent yet. */
  static tcp(options) {
    return new Line(options);
  }

  /** A WebSocket; resolves when the upgrade is answered, and closed if it is refused. */
  static async webSocket(options) {
    const line = new Line({ path: '/websc/websocket', ...options });
    await new Promise((resolve) => {
      line.#upgraded = resolve;
      line.whenClosed(resolve);
    });
    return line;
  }

  /** Says CONNECT; true when it is connected. */
  async logIn(headers = {}) {
    this.write(frame('CONNECT', { 'accept-version': '1.2', host: 'localhost', ...headers }));
    return this.#comes('CONNECTED');
  }

  /** False: it waits in this process, and there is no use in writing more before `drained`. */
  write(bytes) {
    if (this.closed !== null) return false;
    return this.writeRaw(this.#isWebSocket ? binaryMessage(bytes) : bytes);
  }

  /** As it is, below WebSocket. */
  writeRaw(bytes) {
    if (this.closed !== null) return false;
    this.#tally?.add('bytes sent', bytes.length);
    return this.socket.write(bytes);
  }

  /** Resolves when there is room to write, and when there never will be. */
  drained() {
    if (this.closed !== null || !this.socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.once('drain', resolve);
      this.whenClosed(resolve);
    });
  }

  /** True when the RECEIPT is there; false if it never comes. */
  async receipted(command, headers = {}, body = '') {
    const receipt = `r${Math.random()}`;
    this.write(frame(command, { ...headers, receipt }, body));
    return this.#comes('RECEIPT', (read) => read.receiptId === receipt);
  }

  /** Reads no more: what the server sends stays with it. */
  deafen() {
    this.socket.pause();
  }

  end() {
    this.socket.destroy();
  }

  whenClosed(callback) {
    if (this.closed !== null) callback();
    else this.#onClosed.push(callback);
  }

  #comes(command, fits = () => true) {
    return new Promise((resolve) => {
      this.reader.expect(command, fits, () => resolve(true));
      this.whenClosed(() => resolve(false));
    });
  }

  #read(chunk) {
    this.#tally?.add('bytes got', chunk.length);
    if (!this.#isWebSocket) {
      this.reader.push(chunk);
      return;
    }
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    if (this.#upgraded !== null && !this.#readAnswer()) return;
    const { payloads, rest, closeCode } = unwrapMessages(this.#waiting);
    this.#waiting = rest;
    for (const payload of payloads) this.reader.push(payload);
    if (closeCode !== null) this.#tally?.add(`close ${closeCode}`);
  }

  #readAnswer() {
    const end = this.#waiting.indexOf(ANSWER_END);
    if (end === -1) return false;
    const status = this.#waiting.toString('latin1', 9, 12);
    this.#waiting = this.#waiting.subarray(end + ANSWER_END.length);
    if (status === '101') {
      this.#upgraded();
      this.#upgraded = null;
      return true;
    }
    this.#tally?.add(`upgrade ${status}`);
    this.socket.destroy();
    return false;
  }

  #over() {
    this.closed = this.reader.code ?? 'closed';
    for (const callback of this.#onClosed.splice(0)) callback();
  }
}

function upgradeRequest(path) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ];
  return `${lines.join('\r\n')}${ANSWER_END}`;
}
