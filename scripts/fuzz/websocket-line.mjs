// A WebSocket client of a few lines, because those of libraries send nothing that is broken. It
// carries STOMP as it is, or in the envelopes of SockJS.

import { connect } from 'node:net';
import { envelopeReader } from './sockjs-envelopes.mjs';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/**
 * @typedef {object} LineEvents
 * @property {(octets: Buffer) => void} said what the server says, without wrapping
 * @property {(problem: string) => void} wrong the server broke the rules of the line
 * @property {() => void} closed exactly once
 */

export class WebSocketLine {
  #events;
  #hasAnswer = false;
  #input = Buffer.alloc(0);
  #isSockJs;
  #readEnvelope;
  #socket;
  /** True when nothing more can be said. */
  isClosed = false;

  /**
   * @param {{ port: number, isSockJs: boolean, name: string, spoilt?: (text: string) => string }} where
   * @param {LineEvents} events
   */
  constructor({ port, isSockJs, name, spoilt = (text) => text }, events) {
    this.#events = events;
    this.#isSockJs = isSockJs;
    this.#readEnvelope = envelopeReader(events, () => undefined);
    const path = isSockJs ? `/websc/000/${name}/websocket` : '/websc/websocket';
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: localhost',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: v12.stomp, v11.stomp, v10.stomp',
    ];
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isClosed = true;
      events.closed();
    });
    this.#socket.write(spoilt(`${lines.join('\r\n')}\r\n\r\n`), 'latin1');
  }

  /** @param {Buffer | string} chunk */
  write(chunk) {
    if (typeof chunk === 'string') {
      const half = chunk.length % 5 === 0 ? chunk.length >> 1 : chunk.length;
      const texts = [chunk.slice(0, half), chunk.slice(half)];
      this.#send(TEXT, Buffer.from(JSON.stringify(texts)));
    } else this.#send(isAscii(chunk) ? TEXT : BINARY, chunk);
  }

  /** Something that is no message. @param {import('./random.mjs').Random} random */
  break(random) {
    const ways = this.#isSockJs ? [...BROKEN, ...BROKEN_ENVELOPES] : BROKEN;
    this.#socket.write(random.pick(ways)(random));
  }

  end() {
    this.#send(CLOSE, Buffer.of(3, 232));
  }

  /** @param {boolean} isReset */
  drop(isReset) {
    // After `end` a reset leaves a handle behind that Node 20 waits for when it exits.
    if (isReset && !this.#socket.writableEnded) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  #send(opcode, payload) {
    if (!this.isClosed) this.#socket.write(frame(opcode, payload));
  }

  #read(chunk) {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    if (!this.#hasAnswer && !this.#readAnswer()) return;
    for (let at = messageEnd(this.#input); at !== -1; at = messageEnd(this.#input)) {
      const opcode = this.#input[0] & 15;
      if ((this.#input[0] & 0xf0) !== 0x80 || (this.#input[1] & 0x80) !== 0) {
        this.#events.wrong('a WebSocket frame in parts, with reserved bits or a mask');
      }
      this.#take(opcode, this.#input.subarray(payloadAt(this.#input), at));
      this.#input = this.#input.subarray(at);
    }
  }

  #readAnswer() {
    const end = this.#input.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const status = this.#input.toString('latin1', 9, 12);
    this.#input = this.#input.subarray(end + 4);
    this.#hasAnswer = true;
    if (status === '101') return true;
    if (status.startsWith('5') && status !== '505')
      this.#events.wrong(`an upgrade is answered ${status}`);
    this.#socket.destroy();
    return false;
  }

  #take(opcode, payload) {
    if (opcode === PING) this.#send(PONG, payload);
    else if (opcode === CLOSE) {
      this.#send(CLOSE, payload);
      this.isClosed = true;
      this.#socket.end();
    } else if (opcode !== PONG && opcode !== TEXT && opcode !== BINARY) {
      this.#events.wrong(`a WebSocket frame with opcode ${opcode}`);
    } else if (opcode !== PONG && this.#isSockJs) this.#readEnvelope(payload.toString());
    else if (opcode !== PONG) this.#events.said(payload);
  }
}

const BROKEN = [
  () => Buffer.of(0x81, 1, 65),
  () => Buffer.of(0xf1, 0x80, 0, 0, 0, 0),
  () => Buffer.of(0x80, 0x80, 0, 0, 0, 0),
  () => Buffer.of(0x83, 0x80, 0, 0, 0, 0),
  () => Buffer.of(0x01, 0x81, 0, 0, 0, 0, 10),
  () => Buffer.of(0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  () => Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0),
  () => Buffer.of(0x89, 0xfe, 0, 200, 0, 0, 0, 0),
  () => frame(TEXT, Buffer.of(0xff, 0xfe)),
  () => frame(CLOSE, Buffer.of(3)),
  () => frame(CLOSE, Buffer.of(0, 7)),
  () => frame(PING, Buffer.from('here?')),
  () => frame(PONG, Buffer.alloc(0)),
  () => frame(TEXT, Buffer.alloc(0)),
  (random) => random.bytes(random.between(1, 60)),
];

const BROKEN_ENVELOPES = [
  ...['[', '"\\ud83e"', '[1]', '[null]', '{}', '[["a"]]', 'null', '[]', '""', '["\\u0000"]', '\0'],
].map((text) => () => frame(TEXT, Buffer.from(text)));

/** Masked by zeros: the payload is itself. */
function frame(opcode, payload) {
  return Buffer.concat([Buffer.of(0x80 | opcode), sizeOf(payload), Buffer.alloc(4), payload]);
}

function sizeOf({ length }) {
  if (length < 126) return Buffer.of(0x80 | length);
  const size = Buffer.alloc(length < 65_536 ? 3 : 9);
  size[0] = 0x80 | (length < 65_536 ? 126 : 127);
  size.writeUIntBE(length, size.length - (length < 65_536 ? 2 : 6), length < 65_536 ? 2 : 6);
  return size;
}

function payloadAt(bytes) {
  const length = bytes[1] & 127;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

/** End of the first message in the bytes; -1 if it is incomplete. */
function messageEnd(bytes) {
  if (bytes.length < 2 || bytes.length < payloadAt(bytes)) return -1;
  const at = payloadAt(bytes);
  const length =
    at === 2 ? bytes[1] & 127 : at === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length < at + length ? -1 : at + length;
}

function isAscii(bytes) {
  return bytes.every((octet) => octet < 128);
}
