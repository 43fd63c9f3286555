import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The path as it is sent, instead of the URL's. */
  readonly path?: string;
}

/** Sends one request on a connection of its own, and reads the whole response. */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const response = await open(url, asking);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const { headers, statusCode = 0 } = response;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') };
}

/** Sends one request, and returns once its response has begun; the caller may read it. */
export function open(url: string, asking: Asking = {}): Promise<IncomingMessage> {
  const asked = begin(url, asking);
  asked.end(asking.body);
  return new Promise((resolve, reject) => {
    asked.once('response', resolve);
    asked.once('error', reject);
  });
}

/** Begins a request whose body the caller writes. */
export function begin(url: string, asking: Asking = {}): ClientRequest {
  const { headers = {}, method = 'GET', path } = asking;
  return request(url, { agent: false, headers, method, ...(path === undefined ? {} : { path }) });
}

/** Sends texts to a session over HTTP. */
export function xhrSend(session: string, ...texts: string[]): Promise<Answer> {
  return ask(`${session}/xhr_send`, { method: 'POST', body: JSON.stringify(texts) });
}

/** Requests a WebSocket by hand, and reads the head of the response. */
export function upgrade(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
  version = '1.1',
): Promise<string> {
  const all: Record<string, string> = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, '127.0.0.1');
  socket.write(`${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n`);
  return new Promise((resolve, reject) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.destroy();
      resolve(head.slice(0, head.indexOf('\r\n\r\n')));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed without an answer: ${head}`)));
  });
}
