// An HTTP connection of an attacker: writes the given bytes, and counts the responses.

import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const NO_BYTES = Buffer.alloc(0);

export class Http {
  closed = false;
  socket;
  #answered = [];
  #isChunked = false;
  #left = 0;
  #onClosed = [];
  #rest = NO_BYTES;
  #status = 0;
  #tally;

  constructor({ port, from = '127.0.0.1', tally }) {
    this.#tally = tally;
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from });
    this.socket.on('data', (chunk) => this.#read(chunk));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.#over());
  }

  write(bytes) {
    if (this.closed) return false;
    this.#tally?.add('bytes sent', bytes.length);
    return this.socket.write(bytes);
  }

  drained() {
    if (this.closed || !this.socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.once('drain', resolve);
      this.whenClosed(resolve);
    });
  }

  /** The status of the answer; 0: the connection was closed before. */
  async ask(method, path, { body = '', headers = {} } = {}) {
    this.write(request(method, path, { body, headers }));
    return this.answer();
  }

  async askAndClose(method, path, options) {
    const status = await this.ask(method, path, options);
    this.end();
    return status;
  }

  /** Resolves with the status of the next answer that nobody waits for. */
  answer() {
    if (this.closed) return Promise.resolve(0);
    return new Promise((resolve) => this.#answered.push(resolve));
  }

  whenClosed(callback) {
    if (this.closed) callback();
    else this.#onClosed.push(callback);
  }

  deafen() {
    this.socket.pause();
  }

  end() {
    this.socket.destroy();
  }

  #read(chunk) {
    this.#tally?.add('bytes got', chunk.length);
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NO_BYTES;
    while (bytes.length > 0) {
      const taken = this.#status === 0 ? this.#takeHead(bytes) : this.#takeBody(bytes);
      if (taken === 0) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      bytes = bytes.subarray(taken);
    }
  }

  #takeHead(bytes) {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return 0;
    const head = bytes.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    this.#isChunked = /\ntransfer-encoding: chunked/i.test(head);
    this.#left = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#left === 0 && !this.#isChunked) this.#done();
    return end + HEAD_END.length;
  }

  #takeBody(bytes) {
    if (this.#isChunked) {
      // Only the end is looked for; the content of the chunks does not matter.
      const end = bytes.indexOf('0\r\n\r\n');
      if (end === -1) return Math.max(0, bytes.length - 5);
      this.#done();
      return end + 5;
    }
    const taken = Math.min(this.#left, bytes.length);
    this.#left -= taken;
    if (this.#left === 0) this.#done();
    return taken;
  }

  #done() {
    const status = this.#status;
    this.#status = 0;
    this.#tally?.add(`HTTP ${status}`);
    this.#answered.shift()?.(status);
  }

  #over() {
    this.closed = true;
    for (const resolve of this.#answered.splice(0)) resolve(0);
    for (const callback of this.#onClosed.splice(0)) callback();
  }
}

export function request(method, path, { body = '', headers = {} } = {}) {
  const length = Buffer.byteLength(body);
  const all = {
    Host: 'localhost',
    ...(length > 0 ? { 'Content-Length': length } : {}),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return Buffer.concat([head, Buffer.from(body)]);
}
