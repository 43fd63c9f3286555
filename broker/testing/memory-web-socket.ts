// A plain WebSocket without a network: this is the client's end, as a browser has it, and
// memory-transport.ts the server's. What one end says the other hears a moment later, in order.

/** How a connection ended, as a WebSocket's close event tells it. */
export interface WebSocketClosing {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** What the client's end says to the server's. */
export interface ServerEnd {
  hear(bytes: Buffer): void;
  /** The client has left; `code` and `reason` are its own. */
  leave(closing: WebSocketClosing): void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** RFC 6455, 7.4.1: no code was given; the connection just ended. */
const NO_CODE = 1005;
const ABNORMAL = 1006;

/** What `@stomp/stompjs` takes for a socket, and most that a program wants of a WebSocket. */
export class MemoryWebSocket {
  /** How binary messages are given: stompjs asks for `arraybuffer`. */
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

  // What the client does with it.

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

  /** Ends it without a word. */
  terminate(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSING;
    const closing = { code: ABNORMAL, reason: '', wasClean: false };
    queueMicrotask(() =>
      this.#server === null ? this.ended(closing) : this.#server.leave(closing),
    );
  }

  // What the server's end does with it, each in its turn.

  /** False: the client did not wait for it. */
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

  /** Tells the client that it is over, once. */
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

/** A copy, as the sender may go on writing into its own. */
function bytesOf(data: string | ArrayBufferLike | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return Buffer.from(new Uint8Array(data));
}
