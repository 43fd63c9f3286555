// Requests below the endpoint's path: which are admitted, and over which transport.
//
//   <prefix>/websocket                          a plain WebSocket
//   <prefix>/<server>/<session>/websocket       the WebSocket of SockJS
//   <prefix>/<server>/<session>/xhr…            SockJS over HTTP
//   <prefix>, <prefix>/info                     SockJS' greeting and description; an upgrade at <prefix>
//                                               is a plain WebSocket as well

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PLAIN_DIALECT, sockJsDialect } from './dialect.ts';
import { type HostPolicy, refuseHost } from './host.ts';
import type { OriginPolicy } from './origin.ts';
import { ReadTurns } from './read-pieces.ts';
import { SockJsHttp, type SockJsHttpOptions } from './sockjs/sockjs-http.ts';
import { endWith } from './upgrade.ts';
import { WebSocketEndpoint } from './websocket-endpoint.ts';

/** SockJS protocol 0.3.3, "WebSocket": the answer to a plain request for a WebSocket. */
const ONLY_WEBSOCKET = 'Can "Upgrade" only to "WebSocket".';

/**
 * The names that clients may choose for a server and a session (SockJS protocol 0.3.3, "Base URLs":
 * anything without a dot). `sockjs` parses the URL again, by its own rules, so characters that it
 * could take for the end of a path are rejected here.
 */
const NAME = /^([\w~-]|%[\dA-Fa-f]{2}){1,128}$/;

export interface EndpointOptions extends SockJsHttpOptions {
  readonly hosts: HostPolicy;
  readonly origins: OriginPolicy;
}

type Place =
  | { readonly type: 'elsewhere' | 'greeting' | 'info' | 'nowhere' }
  | { readonly type: 'websocket'; readonly isPlain: boolean }
  | {
      readonly type: 'session';
      readonly server: string;
      readonly session: string;
      readonly transport: string;
    };

export class Endpoint {
  /** The time for parsing input, shared by HTTP and WebSocket. */
  readonly reads: ReadTurns;
  readonly #http: SockJsHttp;
  readonly #options: EndpointOptions;
  readonly #webSockets: WebSocketEndpoint;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#http = new SockJsHttp(options);
    this.reads = new ReadTurns(options.clock);
    this.#webSockets = new WebSocketEndpoint(options, this.reads);
  }

  /** False: the request is not for this endpoint, and was left alone. */
  request(request: IncomingMessage, response: ServerResponse): boolean {
    const place = this.#placeOf(request);
    if (place.type === 'elsewhere') return false;
    const { hosts, origins } = this.#options;
    if (!hosts.admits(request)) refuseHost(request, response);
    else if (!origins.admits(request)) answer(response, 403);
    else this.#answer(place, request, response);
    return true;
  }

  /**
   * False: the upgrade is not for this endpoint, and was left alone. The caller listens to the
   * socket's errors.
   */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): boolean {
    const place = this.#placeOf(request);
    if (place.type === 'elsewhere') return false;
    const { clients, connections, hosts, origins } = this.#options;
    const { address: peer } = clients.of(request);
    // Spring without `withSockJS()` upgrades at the endpoint itself.
    const isAtEndpoint = place.type === 'greeting' && this.#takesWebSockets;
    if (place.type !== 'websocket' && !isAtEndpoint) endWith(socket, 404);
    else if (request.method !== 'GET') endWith(socket, 405, 'Allow: GET');
    else if (request.httpVersion === '1.0') endWith(socket, 400);
    else if (request.headers['sec-websocket-version'] !== '13') {
      endWith(socket, 426, 'Sec-WebSocket-Version: 13');
    } else if (!hosts.admits(request)) endWith(socket, 421);
    else if (!origins.admits(request)) endWith(socket, 403);
    else if (!connections.admits(peer, socket)) endWith(socket, 503);
    else {
      const isPlain = place.type !== 'websocket' || place.isPlain;
      const dialect = isPlain ? PLAIN_DIALECT : sockJsDialect();
      const onClosed = connections.open(peer, socket);
      this.#webSockets.upgrade(request, socket, head, { dialect, onClosed, peer });
    }
    return true;
  }

  /** Stops the heart-beats, and cuts off all remaining connections. */
  stop(): void {
    this.#http.stop();
    this.#webSockets.stop();
  }

  #answer(place: Place, request: IncomingMessage, response: ServerResponse): void {
    switch (place.type) {
      case 'greeting':
        return this.#http.answer(request, response, '/');
      case 'info':
        return this.#http.answer(request, response, '/info');
      case 'session':
        if (!this.#http.answerSession(request, response, place)) answer(response, 404);
        return;
      case 'websocket':
        // SockJS protocol 0.3.3, "WebSocket": a 405 has neither a body nor a type.
        if (request.method !== 'GET') response.writeHead(405, { Allow: 'GET' }).end();
        else if (place.isPlain) answer(response, 426);
        else answer(response, 400, ONLY_WEBSOCKET);
        return;
      case 'nowhere':
      case 'elsewhere':
        return answer(response, 404);
    }
  }

  get #takesWebSockets(): boolean {
    return this.#options.takesWebSockets ?? true;
  }

  #placeOf({ url = '' }: IncomingMessage): Place {
    const { prefix } = this.#options;
    const path = url.split('?', 1)[0] ?? '';
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return { type: 'elsewhere' };
    const below = path.slice(prefix.length + 1);
    if (below === '') return { type: 'greeting' };
    const segments = below.replace(/\/$/, '').split('/');
    const [server = '', session = '', transport = ''] = segments;
    if (segments.at(-1) === 'websocket' && !this.#takesWebSockets) return { type: 'nowhere' };
    if (segments.length === 1) {
      if (server === 'info') return { type: 'info' };
      return server === 'websocket' ? { type: 'websocket', isPlain: true } : { type: 'nowhere' };
    }
    if (segments.length !== 3 || !NAME.test(server) || !NAME.test(session)) {
      return { type: 'nowhere' };
    }
    if (transport === 'websocket') return { type: 'websocket', isPlain: false };
    return { type: 'session', server, session, transport };
  }
}

function answer(response: ServerResponse, status: number, text = STATUS_CODES[status] ?? ''): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(`${text}\n`);
}
