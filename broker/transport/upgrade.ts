import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade, for which Node makes no response object, without a body, and closes the
 * socket whatever its peer does.
 *
 * @param header one more header line
 */
export function endWith(socket: Duplex, status: number, header?: string): void {
  const more = header === undefined ? '' : `${header}\r\n`;
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${more}`;
  socket.end(`${line}Connection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** True if the request asks for a WebSocket, and not for `h2c`, as Java's HTTP client does. */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Answers a request whose upgrade is ignored, which RFC 9110, 7.8 allows. Node makes no response
 * object for it and does not read its body, so a request with a body is refused.
 */
export function answerWithoutUpgrade(
  request: IncomingMessage,
  socket: Socket,
  answer: (response: ServerResponse) => void,
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
    // The response to an earlier request on this connection is still open, and owns the socket.
    socket.destroy();
    return;
  }
  response.once('finish', () => socket.end(() => socket.destroy()));
  answer(response);
}
