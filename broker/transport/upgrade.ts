import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Answers without a body where Node has no response, as to an upgrade, and lets go of the socket
 * whatever its peer does.
 *
 * @param header one more line for the answer's head
 */
export function endWith(socket: Duplex, status: number, header?: string): void {
  const more = header === undefined ? '' : `${header}\r\n`;
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${more}`;
  socket.end(`${line}Connection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** Whether it is a WebSocket that the request wants, and not `h2c`, as Java's client asks for. */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers a request whose upgrade is ignored, as RFC 9110, 7.8 lets a server do. Node gives it
 * no response, and does not read a body: a request with one is refused.
 */
export function answerWithoutUpgrade(
  request: IncomingMessage,
  socket: Socket,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (length !== '0' || encoding !== undefined) {
    endWith(socket, 400);
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket);
  } catch {
    // A response to a request before it on the same connection is still open, and owns it.
    socket.destroy();
    return;
  }
  response.once('finish', () => socket.end(() => socket.destroy()));
  answer(request, response);
}
