import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint } from './endpoint.ts';
import { ResponseTurns } from './response-turns.ts';
import { answerWithoutUpgrade, endWith, wantsWebSocket } from './upgrade.ts';

/**
 * Serves an endpoint on an HTTP server, ahead of the listeners that the server has. Requests and
 * upgrades for other paths still reach those. Each connection gets one response at a time.
 */
export function mountEndpoint(endpoint: Endpoint, http: Server): void {
  const listeners = http.listeners('request');
  http.removeAllListeners('request');
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (endpoint.request(request, response)) return;
    for (const listener of listeners) Reflect.apply(listener, http, [request, response]);
  };
  const turns = new ResponseTurns(answer, endpoint.reads);
  // This runs after Node's own listener, which has attached the parser by then.
  http.on('connection', (socket) => turns.add(socket));
  http.on('request', (request, response) => turns.take(request, response));
  http.on('upgrade', (request, socket: Socket, head) => {
    // Without a listener, a peer that resets its connection would end the process.
    socket.on('error', destroy);
    // Octets after an upgrade would end up inside the response that is still open.
    if (turns.isBusy(socket)) {
      socket.destroy();
      return;
    }
    turns.remove(socket);
    const isOnlyListener = http.listenerCount('upgrade') === 1;
    if (!wantsWebSocket(request)) {
      // As for any other request, all listeners are told, those that limit its time included.
      const emit = (response: ServerResponse) => http.emit('request', request, response);
      if (isOnlyListener) answerWithoutUpgrade(request, socket, emit);
    } else if (!endpoint.upgrade(request, socket, head) && isOnlyListener) {
      endWith(socket, 404);
    }
  });
}

/** Shared by all sockets: a closure for each would live as long as its socket. */
function destroy(this: Socket): void {
  this.destroy();
}
