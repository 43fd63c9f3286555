// The connections of an HTTP server that carry no WebSocket, idle and half-open ones too: how many
// there may be, and how long each may take.

import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import type { ThrottledLog } from '../limits/throttled-log.ts';
import type { Clients } from './client-address.ts';
import type { Connections } from './connections.ts';
import { descriptorShortage, warnOfAccept } from './descriptors.ts';
import { HttpConnection, type HttpTimeouts } from './http-connection.ts';
import { endWith } from './upgrade.ts';

export interface HttpLimits extends HttpTimeouts {
  readonly connectionsMax: number;
}

export type HttpWarning = 'accept' | 'http-timeout' | 'connection';

export interface HttpConnectionsOptions {
  readonly clients: Clients;
  readonly clock: Clock;
  readonly connections: Connections;
  readonly limits: HttpLimits;
  readonly warnings: Pick<ThrottledLog<HttpWarning>, 'warn'>;
}

const SECOND_MS = 1_000;

/** The interval at which limits of so many milliseconds are looked after. */
function intervalOf(...limits: readonly number[]): number {
  return Math.min(SECOND_MS, Math.max(20, Math.floor(Math.min(...limits) / 4)));
}

/** What Node looks after by itself, as options of its server. */
export function httpServerOptions(limits: HttpLimits): ServerOptions {
  const { headersTimeoutMs, keepAliveMs } = limits;
  return {
    connectionsCheckingInterval: intervalOf(headersTimeoutMs),
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // Node's is a limit for the whole request, which would end a long upload however well it goes.
    requestTimeout: 0,
  };
}

/** Watches over the connections of an HTTP server, with one timer for all. */
export class HttpConnections {
  readonly #cancel: Cancel;
  readonly #options: HttpConnectionsOptions;
  readonly #watched = new Map<Socket, HttpConnection>();

  constructor(http: Server, options: HttpConnectionsOptions) {
    this.#options = options;
    const { clock, connections, limits, warnings } = options;
    http.maxConnections = limits.connectionsMax;
    http.on('connection', (socket) => this.#take(socket));
    http.on('drop', (dropped) => connections.refused(dropped?.remoteAddress ?? 'unknown'));
    http.on('request', (request, response) => {
      this.#watched.get(request.socket)?.began(request, response, clock.monotonic());
    });
    // Without a listener, a failure to accept would end the process.
    http.on('error', (error) => warnOfAccept(error, warnings));
    const { headersTimeoutMs, keepAliveMs, requestTimeoutMs, sendTimeoutMs } = limits;
    const tickMs = intervalOf(headersTimeoutMs, keepAliveMs, requestTimeoutMs, sendTimeoutMs);
    this.#cancel = clock.every(tickMs, () => this.#tick(clock.monotonic()));
  }

  stop(): void {
    this.#cancel();
  }

  #take(socket: Socket): void {
    const { clients, clock, connections } = this.#options;
    const peer = socket.remoteAddress ?? 'unknown';
    if (!connections.hold(socket, clients.trusts(peer) ? null : peer)) {
      connections.refused(peer);
      socket.destroy();
      return;
    }
    this.#watched.set(socket, new HttpConnection(socket, clock.monotonic()));
  }

  #tick(now: number): void {
    const { connections, limits, warnings } = this.#options;
    const shortage = descriptorShortage();
    if (shortage !== null) warnOfAccept(shortage, warnings);
    for (const [socket, connection] of this.#watched) {
      // A session that took it over looks after it from then on.
      if (socket.destroyed || !connections.holds(socket)) {
        this.#watched.delete(socket);
        continue;
      }
      const overdue = connection.overdue(now, limits);
      if (overdue === null) continue;
      const peer = socket.remoteAddress;
      warnings.warn('http-timeout', { peer, overdue }, 'HTTP connection ended: it took too long');
      // A peer that does not take even this is cut off at the next look.
      const mayAnswer = connection.isUnanswered && !socket.writableEnded;
      if (overdue === 'request' && mayAnswer) endWith(socket, 408);
      else socket.destroy();
    }
  }
}
