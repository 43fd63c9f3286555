// The HTTP transports of SockJS, by way of the `sockjs` package. It is given only requests for
// transports that are enabled, from an admitted origin, and without a body, which it would buffer.
// Messages from clients do not go through it at all.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Connection, createServer } from 'sockjs';
import type { Clock } from '../../clock.ts';
import type { UnsentPackets } from '../../limits/unsent-packets.ts';
import type { Log } from '../../log.ts';
import type { Clients } from '../client-address.ts';
import type { Connections } from '../connections.ts';
import type { Accept } from '../transport.ts';
import { setSessionCookie } from './session-cookie.ts';
import { SockJsHttpTransport, type SockJsOpening } from './sockjs-http-transport.ts';
import { closeConnection } from './sockjs-internals.ts';
import { XhrSend } from './xhr-send.ts';

export interface SockJsHttpOptions {
  readonly accept: Accept;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly lingerMs: number;
  readonly log: Log;
  /** A larger body is answered with 413. */
  readonly messageBytesMax: number;
  /** Sets the `JSESSIONID` cookie, for load balancers with sticky sessions. Default: false. */
  readonly needsCookie?: boolean;
  /** The limit before the client has logged in. Default: `messageBytesMax`. */
  readonly openingBytesMax?: number;
  /** The path of the service, such as `/websc`. */
  readonly prefix: string;
  /** The interval of SockJS heart-beats. */
  readonly probeMs: number;
  /** A stream ends after so many characters, to limit the page's memory. Default: 131,072. */
  readonly streamCharactersMax?: number;
  /** False: `/info` says that there are no WebSockets. Default: true. */
  readonly takesWebSockets?: boolean;
  /** Counts unsent packets. Default: they are not counted. */
  readonly unsent?: UnsentPackets | undefined;
}

/** A request below `<prefix>/<server>/<session>/`. */
export interface SessionRequest {
  readonly server: string;
  readonly session: string;
  readonly transport: string;
}

const RECEIVING = new Set(['xhr', 'xhr_streaming', 'eventsource']);

export class SockJsHttp {
  /**
   * `sockjs` keeps the sessions of all servers of a process in one map. A unique prefix for session
   * names keeps two brokers apart there.
   */
  readonly #instance = randomBytes(8).toString('hex');
  readonly #handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Sessions that `sockjs` will report as open in the next tick. */
  readonly #opening = new Map<string, SockJsOpening>();
  readonly #options: SockJsHttpOptions;
  readonly #sessions = new Map<string, SockJsHttpTransport>();
  readonly #xhrSend: XhrSend;

  constructor(options: SockJsHttpOptions) {
    this.#options = options;
    this.#xhrSend = new XhrSend(options);
    const { needsCookie = false, streamCharactersMax = 131_072, takesWebSockets = true } = options;
    const server = createServer({
      heartbeat_delay: options.probeMs,
      jsessionid: needsCookie && setSessionCookie,
      log: (severity, line) => options.log.debug({ severity }, line),
      prefix: options.prefix,
      response_limit: streamCharactersMax,
      // Only the page of the iframe transports would load it, and these are disabled.
      sockjs_url: `${options.prefix}/sockjs.js`,
      websocket: takesWebSockets,
    });
    server.on('connection', (connection: Connection) => this.#accept(connection));
    this.#handler = listenerOf(server);
  }

  /** Answers requests without a session: the greeting at `/`, and `/info`. */
  answer(request: IncomingMessage, response: ServerResponse, path: '/' | '/info'): void {
    request.url = this.#options.prefix + path;
    this.#handler(request, response);
  }

  /** False: this transport is not served. */
  answerSession(request: IncomingMessage, response: ServerResponse, path: SessionRequest): boolean {
    if (path.transport === 'xhr_send' && request.method === 'POST') {
      if (this.#options.needsCookie) setSessionCookie(request, response);
      void this.#xhrSend.answer(request, response, this.#sessions.get(path.session));
      return true;
    }
    if (path.transport !== 'xhr_send' && !RECEIVING.has(path.transport)) return false;
    if (request.method !== 'OPTIONS' && !this.#admit(request, response, path.session)) {
      response.writeHead(503, { 'Content-Type': 'text/plain' }).end('too many connections\n');
      return true;
    }
    const { server, session, transport } = path;
    // The enabled transports use no query.
    request.url = `${this.#options.prefix}/${server}/${this.#instance}-${session}/${transport}`;
    this.#handler(request, response);
    this.#sessions.get(session)?.answered();
    return true;
  }

  /** Cuts off all remaining sessions. */
  stop(): void {
    for (const transport of this.#sessions.values()) transport.cutOff();
  }

  #admit(request: IncomingMessage, response: ServerResponse, session: string): boolean {
    const transport = this.#sessions.get(session);
    if (transport !== undefined) {
      transport.answering(response);
      return true;
    }
    const { headers } = request;
    const { clients, connections } = this.#options;
    const { address: peer } = clients.of(request);
    if (!connections.admits(peer)) return false;
    // An EventSource of the same origin sends no Origin, but no other client says sec-fetch-site.
    const isBrowser = (headers.origin ?? headers['sec-fetch-site']) !== undefined;
    const { url = '' } = request;
    this.#opening.set(session, { handshake: { headers, url }, isBrowser, peer, response });
    // `sockjs` reports the session as open in the next tick, or never.
    setImmediate(() => this.#opening.delete(session));
    return true;
  }

  #accept(connection: Connection): void {
    const { accept, clock, connections, lingerMs, unsent } = this.#options;
    const session = sessionOf(connection, this.#instance);
    const opening = this.#opening.get(session);
    if (opening === undefined) {
      closeConnection(connection, 1011, 'INTERNAL');
      return;
    }
    const onTold = connections.open(opening.peer);
    connection.once('close', () => {
      this.#sessions.delete(session);
      onTold();
    });
    const options = { ...opening, clock, lingerMs, onTold, unsent };
    const transport = new SockJsHttpTransport(connection, accept, options);
    this.#sessions.set(session, transport);
  }
}

/** The session in `<prefix>/<server>/<instance>-<session>/<transport>`. */
function sessionOf({ pathname }: Connection, instance: string): string {
  const [, session = ''] = pathname.split(`/${instance}-`);
  return session.slice(0, session.indexOf('/'));
}

/** The request handler alone, because `installHandlers` would handle upgrades as well. */
function listenerOf(
  server: ReturnType<typeof createServer>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const listener: unknown = Reflect.get(server, 'listener').call(server, {});
  const getHandler: unknown = Reflect.get(Object(listener), 'getHandler');
  if (typeof getHandler !== 'function') throw new Error('sockjs is not the version that is known');
  const handler: unknown = getHandler.call(listener);
  if (typeof handler !== 'function') throw new Error('sockjs is not the version that is known');
  return (request, response) => {
    handler(request, response);
  };
}
