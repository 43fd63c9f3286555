// Parses bytes into frames. The session decides what a frame means, and whether it may come now.
//
//   frame    = command EOL *(header EOL) EOL body NUL *EOL
//   header   = name ":" value          names and values escaped, but for CONNECT; no NUL
//   EOL      = LF, or CR LF in 1.2; in 1.0 and 1.1 a CR is data (STOMP 1.2, "Augmented BNF")
//   body     = content-length octets, or all up to the first NUL
//
// Every bound is checked before bytes are kept: 32 octets for a command, and the limits of a
// header line, of the count of headers and of a body. Between frames any number of EOLs may come;
// they are heart-beats.

import { isUtf8 } from 'node:buffer';
import { beginsClientCommand, isClientCommand, mayHaveBody } from './commands.ts';
import { ProtocolError } from './errors.ts';
import { unescapeHeader, unpadHeader } from './escape.ts';
import { type ClientCommand, type ClientFrame, type Header, headerOf, NO_BODY } from './frame.ts';
import { ACCEPT_VERSION, CONTENT_LENGTH, RECEIPT } from './header-names.ts';
import { headersHeapBytes } from './heap-bytes.ts';
import { Input } from './input.ts';
import { negotiateVersion, type StompVersion } from './version.ts';

const NUL = 0;
const LF = 10;
const CR = 13;
const COMMAND_BYTES_MAX = 32;

export interface FrameLimits {
  /** Octets of a body. */
  readonly bodyBytes: number;
  /** Octets of one header line, its end not counted. */
  readonly headerBytes: number;
  readonly headerCountMax: number;
}

/** A frame that was received in part. */
interface Begun {
  readonly command: ClientCommand;
  readonly headers: Header[];
  /** `undefined`: its headers are incomplete; `null`: the body ends at the first NUL. */
  length: number | null | undefined;
}

/**
 * Decodes frames from chunks that may be cut anywhere. It gives one frame at a time, because
 * bytes after a CONNECT are read by the rules of the version that is negotiated.
 */
export class FrameDecoder {
  readonly #limits: FrameLimits;
  readonly #input = new Input();
  /** `null`: between frames. */
  #begun: Begun | null = null;
  /** `null` until CONNECT is answered: lines are then read as in 1.2. */
  #version: StompVersion | null = null;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Sets the version by whose rules later frames are read. */
  speak(version: StompVersion): void {
    this.#version = version;
  }

  /** True while a frame was received in part. */
  get isMidFrame(): boolean {
    return this.#begun !== null || this.#input.length > 0;
  }

  /** Received bytes that are not part of a frame yet. */
  get waitingBytes(): number {
    return this.#input.length;
  }

  /** Bytes of memory that are kept for input that is not a whole frame yet. */
  get heldBytes(): number {
    return (
      this.#input.capacity + (this.#begun === null ? 0 : headersHeapBytes(this.#begun.headers))
    );
  }

  /** Takes the chunk over: the caller does not change it afterwards. */
  push(chunk: Buffer): void {
    this.#input.push(chunk);
  }

  /** Frees memory that the input does not need. Called when there is no whole frame. */
  settle(): void {
    this.#input.settle();
  }

  /** Drops the input. */
  clear(): void {
    this.#input.clear();
    this.#begun = null;
  }

  /** The next whole frame, or `null` until more bytes come. Throws ProtocolError, for good. */
  next(): ClientFrame | null {
    if (this.#begun === null) {
      const command = this.#readCommand();
      if (command === null) return null;
      this.#begun = { command, headers: [], length: undefined };
    }
    const begun = this.#begun;
    if (begun.length === undefined) {
      if (!this.#readHeaders(begun.command, begun.headers)) return null;
      begun.length = this.#bodyLength(begun.headers);
      this.#checkLength(begun.command, begun.headers, begun.length);
    }
    const body = this.#readBody(begun.headers, begun.length);
    if (body === null) return null;
    this.#begun = null;
    return this.#frame(begun.command, begun.headers, body);
  }

  /** Refuses a line as soon as no command begins like it, wherever the bytes are cut. */
  #readCommand(): ClientCommand | null {
    // STOMP 1.2, "Heart-beating": an EOL between frames says that the peer is there.
    this.#input.skipLineEnds();
    const end = this.#input.find(LF);
    const shown = end === -1 ? COMMAND_BYTES_MAX : Math.min(end, COMMAND_BYTES_MAX);
    const line = this.#input.text(shown, 'latin1');
    const withoutCr = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (end === -1 && beginsClientCommand(withoutCr)) return null;
    const command = this.#endsInCr() ? withoutCr : line;
    if (end === -1 || !isClientCommand(command)) {
      throw new ProtocolError('UNKNOWN_COMMAND', printable(line) + hintFor(line));
    }
    this.#input.skip(end + 1);
    return command;
  }

  /** True: the blank line that ends the headers was read. */
  #readHeaders(command: ClientCommand, headers: Header[]): boolean {
    const { headerBytes, headerCountMax } = this.#limits;
    for (;;) {
      const line = this.#readLine(headerBytes, headers);
      if (line === null) {
        if (this.#input.length <= headerBytes + 1) return false;
        throw new ProtocolError('HEADER_TOO_LONG', undefined, receiptOf(headers));
      }
      if (line === '') return true;
      if (headers.length === headerCountMax) {
        throw new ProtocolError('TOO_MANY_HEADERS', undefined, receiptOf(headers));
      }
      headers.push(this.#parseHeader(command, line, headers));
    }
  }

  /** A line without its end; `null`: it is incomplete, or longer than it may be. */
  #readLine(bytesMax: number, before: readonly Header[] = []): string | null {
    const end = this.#input.find(LF);
    if (end === -1 || end > bytesMax + 1) return null;
    const cut = this.#endsInCr() && this.#input.peek(end - 1) === CR ? end - 1 : end;
    if (cut > bytesMax) return null;
    const line = this.#input.text(cut, 'utf8');
    if (line.includes('\ufffd') && !isUtf8(this.#input.view(cut))) {
      throw new ProtocolError('NOT_UTF8', undefined, receiptOf(before));
    }
    this.#input.skip(end + 1);
    return line;
  }

  /** STOMP 1.2, "STOMP Frames": an EOL is LF, optionally after a CR; 1.1 and 1.0 know only LF. */
  #endsInCr(): boolean {
    return this.#version === null || this.#version === '1.2';
  }

  #parseHeader(command: ClientCommand, line: string, before: readonly Header[]): Header {
    const colon = line.indexOf(':');
    const rawName = line.slice(0, Math.max(0, colon));
    const rawValue = line.slice(colon + 1);
    // 1.0 clients pad their headers; from 1.1 on spaces belong to them ("Value Encoding").
    const isPadded = this.#version === '1.0';
    const name = isPadded ? unpadHeader(rawName) : rawName;
    const value = isPadded ? unpadHeader(rawValue) : rawValue;
    // The grammar allows a NUL here, but a client that cuts its input at every NUL would take the
    // rest for a frame of the server's. A client that ends a line at a CR would take the rest of
    // a name for another header, and 1.1 and 1.0 have no escape for it.
    if (name === '' || rawName.includes('\r') || line.includes('\0')) {
      throw new ProtocolError('MALFORMED_HEADER', printable(line), receiptOf(before));
    }
    // STOMP 1.2, "Value Encoding": CONNECT is never escaped; STOMP is the same frame.
    if (command === 'CONNECT' || command === 'STOMP' || !line.includes('\\')) return [name, value];
    const receiptId = receiptOf(before);
    return [
      unescapeHeader(name, this.#version, receiptId),
      unescapeHeader(value, this.#version, receiptId),
    ];
  }

  #bodyLength(headers: readonly Header[]): number | null {
    const text = headerOf({ headers }, CONTENT_LENGTH)?.trim();
    if (text === undefined) return null;
    const receiptId = receiptOf(headers);
    if (!/^\d{1,15}$/.test(text)) {
      throw new ProtocolError('BAD_CONTENT_LENGTH', printable(text), receiptId);
    }
    const length = Number(text);
    if (length > this.#limits.bodyBytes) {
      throw new ProtocolError('BODY_TOO_LARGE', `${length} octets`, receiptId);
    }
    return length;
  }

  /** Copies the body, so that a short one does not keep a whole chunk in memory. */
  #readBody(headers: readonly Header[], length: number | null): Buffer | null {
    const end = length ?? this.#input.find(NUL);
    if (length === null && (end === -1 ? this.#input.length : end) > this.#limits.bodyBytes) {
      throw new ProtocolError('BODY_TOO_LARGE', undefined, receiptOf(headers));
    }
    if (end === -1 || this.#input.length <= end) return null;
    // STOMP 1.2, "Body": the NUL after content-length octets is still required.
    if (this.#input.peek(end) !== NUL) {
      throw new ProtocolError('BODY_NOT_TERMINATED', undefined, receiptOf(headers));
    }
    const body = Buffer.from(this.#input.view(end));
    this.#input.skip(end + 1);
    return body;
  }

  /**
   * Refuses a body that must not be there before it has come: there is no reason to wait for it.
   */
  #checkLength(command: ClientCommand, headers: readonly Header[], length: number | null): void {
    if (length === null || length <= LINE_END_MAX || this.#mayHaveBody(command, headers)) return;
    throw new ProtocolError('BODY_NOT_ALLOWED', command, receiptOf(headers));
  }

  #frame(command: ClientCommand, headers: readonly Header[], body: Buffer): ClientFrame {
    if (body.length === 0 || this.#mayHaveBody(command, headers)) return { command, headers, body };
    // Some clients end each frame with a line end before its NUL.
    if (isLineEnds(body)) return { command, headers, body: NO_BODY };
    throw new ProtocolError('BODY_NOT_ALLOWED', command, receiptOf(headers));
  }

  /** The first frame is a CONNECT, whose own header says by which version it is read. */
  #mayHaveBody(command: ClientCommand, headers: readonly Header[]): boolean {
    const version = this.#version ?? negotiateVersion(headerOf({ headers }, ACCEPT_VERSION));
    return mayHaveBody(command, version);
  }
}

/** CR and LF. */
const LINE_END_MAX = 2;

function isLineEnds(body: Buffer): boolean {
  return body.every((octet) => octet === LF || octet === CR);
}

function receiptOf(headers: readonly Header[]): string | undefined {
  return headerOf({ headers }, RECEIPT);
}

/** SockJS turns the binary frames of stompjs into the text of an object or of numbers. */
function hintFor(text: string): string {
  const isMangled = text.startsWith('[object ') || /^\d{1,3},\d{1,3},/.test(text);
  return isMangled
    ? ': SockJS carries no binary; turn off forceBinaryWSFrames and binaryBody, or use WebSocket'
    : '';
}

/** A piece of the peer's input, safe for an error text and a log line. */
function printable(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short);
}
