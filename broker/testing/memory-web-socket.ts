// A plain WebSocket without a network. This is the client's end, with the interface of a browser's;
// the server's end is memory-transport.ts. Messages arrive in a later microtask, in order.

/** The end of a connection, as a WebSocket's close event reports it. */
export interface WebSocketClosing {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** The server's end, as the client's end sees it. */
export interface ServerEnd {
  hear(bytes: Buffer): void;
  /** The client has closed with this code and reason. */
  leave(closing: WebSocketClosing): void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** RFC 6455, 7.4.1: the connection ended without a close frame. */
const NO_CODE = 1005;
const ABNORMAL = 1006;

/** The part of a WebSocket that `@stomp/stompjs` and most programs use. */
export class MemoryWebSocket {
  /** The type of binary messages; stompjs sets `arraybuffer`. */
  binaryType: string = 'blob';
  onclose: ((event: WebSocketClosing) => void) | null = null;
  onerror: ((event: { readonly type: 'error' }) => void) | null = null;
  onmessage: ((event: { readonly data: string | ArrayBuffer | Blob }) => void) | null = null;
  onopen: ((event: { readonly type: 'open' }) => void) | null = null;
  readonly protocol = 'v12.stomp';
  readonly url: string;
  #readyState = CONNECTING;
  #server: ServerEnd | null = null;

  constructor(url: string) {
    this.url = url;
  }

  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  get readyState(): number {
    return this.#readyState;
  }

  // For the client.

  send(data: string | ArrayBufferLike | ArrayBufferView): void {
    if (this.#readyState === CONNECTING) throw new Error('the connection is not open yet');
    if (this.#readyState !== OPEN) return;
    const bytes = bytesOf(data);
    queueMicrotask(() => this.#server?.hear(bytes));
  }

  close(code: number = NO_CODE, reason = ''): void {
    if (this.#readyState >= CLOSING) return;
    const wasOpen = this.#readyState === OPEN;
    this.#readyState = CLOSING;
    if (wasOpen) queueMicrotask(() => this.#server?.leave({ code, reason, wasClean: true }));
    else queueMicrotask(() => this.ended({ code: ABNORMAL, reason: '', wasClean: false }));
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSING;
    const closing = { code: ABNORMAL, reason: '', wasClean: false };
    queueMicrotask(() =>
      this.#server === null ? this.ended(closing) : this.#server.leave(closing),
    );
  }

  // For the server's end, each in its turn.

  /** False: the client has closed before. */
  opened(server: ServerEnd): boolean {
    if (this.#readyState !== CONNECTING) return false;
    this.#server = server;
    this.#readyState = OPEN;
    this.onopen?.({ type: 'open' });
    return true;
  }

  heard(message: string | Buffer): void {
    if (this.#readyState === CLOSED) return;
    this.onmessage?.({ data: this.#dataOf(message) });
  }

  /** Fires the close event, once. */
  ended(closing: WebSocketClosing): void {
    if (this.#readyState === CLOSED) return;
    const neverOpened = this.#server === null;
    this.#readyState = CLOSED;
    if (neverOpened) this.onerror?.({ type: 'error' });
    this.onclose?.(closing);
  }

  #dataOf(message: string | Buffer): string | ArrayBuffer | Blob {
    if (typeof message === 'string') return message;
    const bytes = new Uint8Array(message);
    return this.binaryType === 'arraybuffer' ? bytes.buffer : new Blob([bytes]);
  }
}

/** A copy, because the sender may reuse its buffer. */
function bytesOf(data: string | ArrayBufferLike | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return Buffer.from(new Uint8Array(data));
}
