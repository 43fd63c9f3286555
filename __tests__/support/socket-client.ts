import { afterEach } from '@jest/globals';
import { WebSocket } from 'ws';
import { frameText } from './frame-text.ts';
import { parseFrames, type ReceivedFrame } from './parse-frames.ts';

const opened: SocketClient[] = [];

afterEach(() => {
  for (const client of opened.splice(0)) client.webSocket.terminate();
});

/** A STOMP client on a plain WebSocket that does only what a test tells it. */
export class SocketClient {
  readonly webSocket: WebSocket;
  readonly frames: ReceivedFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0;
  #waiting: (() => void)[] = [];

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on('message', (data: Buffer) => this.#received(data));
    webSocket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
    webSocket.on('error', () => undefined);
  }

  /** Opens `<url>/websc/websocket`. Rejects if the server says no. */
  static async open(
    url: string,
    { endpoint = '/websc', ...options }: { endpoint?: string; origin?: string } = {},
  ): Promise<SocketClient> {
    const webSocket = new WebSocket(
      `${url.replace('http', 'ws')}${endpoint}/websocket`,
      ['v12.stomp'],
      options,
    );
    const client = new SocketClient(webSocket);
    opened.push(client);
    await new Promise<void>((resolve, reject) => {
      webSocket.once('open', resolve);
      webSocket.once('error', reject);
    });
    return client;
  }

  /** Opens and logs in. */
  static async connect(url: string, options: { origin?: string } = {}): Promise<SocketClient> {
    const client = await SocketClient.open(url, options);
    client.frame('CONNECT', { 'accept-version': '1.2', host: 'test' });
    await client.expectFrame('CONNECTED');
    return client;
  }

  say(bytes: string | Buffer): void {
    this.webSocket.send(bytes);
  }

  frame(command: string, headers?: Record<string, string>, body?: string): void {
    this.say(frameText(command, headers, body));
  }

  /** Sends a chat message and waits for its RECEIPT. */
  async chat(message: object, receipt: string): Promise<ReceivedFrame> {
    const headers = { destination: '/app/chat/message', receipt };
    this.frame('SEND', headers, JSON.stringify(message));
    return this.expectReceipt(receipt);
  }

  async subscribe(destination: string, id: string): Promise<void> {
    this.frame('SUBSCRIBE', { destination, id, receipt: `subscribed ${id}` });
    await this.expectReceipt(`subscribed ${id}`);
  }

  /** The next frame that fits; those before it are passed over. */
  async expectFrame(
    command: string,
    fits: (frame: ReceivedFrame) => boolean = () => true,
  ): Promise<ReceivedFrame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken];
        this.#taken += 1;
        if (frame?.command === command && fits(frame)) return frame;
      }
      if (this.closed !== null) {
        throw new Error(
          `closed with ${this.closed.code} ${this.closed.reason}, without ${command}`,
        );
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  expectReceipt(id: string): Promise<ReceivedFrame> {
    return this.expectFrame('RECEIPT', ({ headers }) => headers['receipt-id'] === id);
  }

  /** Waits until the connection has ended. */
  async expectClose(): Promise<{ readonly code: number; readonly reason: string }> {
    while (this.closed === null) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.closed;
  }

  #received(data: Buffer): void {
    const { frames, rest } = parseFrames(Buffer.concat([this.#rest, data]));
    this.frames.push(...frames);
    this.#rest = rest;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
