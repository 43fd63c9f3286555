// Limits on the connections of an HTTP server that carry no WebSocket, including idle ones and those
// without a complete request: their number (`connections.ts` counts them) and the time that each may
// take (`http-connection.ts` measures it).

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

/** The interval at which these limits are checked: a quarter of the shortest, 20 ms to 1 s. */
function intervalOf(...limits: readonly number[]): number {
  return Math.min(SECOND_MS, Math.max(20, Math.floor(Math.min(...limits) / 4)));
}

/** The limits that Node enforces itself, as options of its server. */
export function httpServerOptions(limits: HttpLimits): ServerOptions {
  const { headersTimeoutMs, keepAliveMs } = limits;
  return {
    connectionsCheckingInterval: intervalOf(headersTimeoutMs),
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // Node's limit is for the whole request, and would end even an upload that makes progress.
    requestTimeout: 0,
  };
}

/** Enforces the limits on all connections of an HTTP server, with one timer. */
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
      // From then on the session that took the connection over has its own limits.
      if (socket.destroyed || !connections.holds(socket)) {
        this.#watched.delete(socket);
        continue;
      }
      const overdue = connection.overdue(now, limits);
      if (overdue === null) continue;
      const peer = socket.remoteAddress;
      warnings.warn('http-timeout', { peer, overdue }, 'HTTP connection ended: it took too long');
      // A peer that does not even take this answer is cut off at the next check.
      const mayAnswer = connection.isUnanswered && !socket.writableEnded;
      if (overdue === 'request' && mayAnswer) endWith(socket, 408);
      else socket.destroy();
    }
  }
}
