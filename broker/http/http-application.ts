// The HTTP application: the page, the REST interface of rooms and histories, and health. The
// endpoint of SockJS and WebSocket is in transport/.

import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { History } from '../chat/history.ts';
import type { RoomDirectory } from '../chat/room-directory.ts';
import type { Log } from '../log.ts';
import { type PageSettings, page } from './page.ts';
import { pageLimit, type TakePage } from './page-limit.ts';
import { refuse, roomsApi } from './rooms-api.ts';

export interface HttpOptions {
  /** True if the origin of a request is allowed. */
  readonly admits: (request: IncomingMessage) => boolean;
  /** The client's address, and the scheme and host that it used, as trusted proxies report them. */
  readonly clientOf: (request: IncomingMessage) => Client;
  /** False: the host name of the request is not allowed, and the refusal was sent. */
  readonly isAskedRightly: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly log: Log;
  /** The folder of the built page; `null`: none is served. */
  readonly pageFolder: string | null;
  readonly pageSettings: PageSettings;
  readonly history: History;
  readonly readiness: () => Readiness;
  readonly rooms: RoomDirectory;
  readonly takePage: TakePage;
}

interface Client {
  readonly address: string;
  readonly host: string | undefined;
  readonly scheme: 'http' | 'https' | null;
}

/** Readiness as `/readyz` reports it, with a short reason if the server is not ready. */
export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string };

export function httpApplication(options: HttpOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  knowClients(app, options);
  app.use(securityHeaders());
  serveHealth(app, options);
  app.use((request, response, next) => {
    if (options.isAskedRightly(request, response)) next();
  });
  app.use('/api', admitOrigin(options), pageLimit(options.takePage));
  app.use('/api', roomsApi(options.rooms, options.history));
  if (options.pageFolder !== null) app.use(page(options.pageFolder, options.pageSettings));
  app.use((_request, response) => refuse(response, 404, 'NOT_FOUND', 'there is nothing here'));
  app.use(answerError(options.log));
  return app;
}

/** Replaces Express's own detection, which reads fewer headers and has different trust rules. */
function knowClients(app: Express, { clientOf }: HttpOptions): void {
  const define = (name: string, tell: (client: Client) => string | undefined) => {
    Object.defineProperty(app.request, name, {
      configurable: true,
      get(this: IncomingMessage) {
        return tell(clientOf(this));
      },
    });
  };
  define('host', ({ host }) => host);
  define('ip', ({ address }) => address);
  define('protocol', ({ scheme }) => scheme ?? 'http');
}

/**
 * Liveness and readiness are separate: a supervisor must not restart a server that is not ready.
 */
function serveHealth(app: Express, { readiness }: HttpOptions): void {
  app.get('/livez', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get(['/healthz', '/readyz'], (_request, response) => {
    const found = readiness();
    if (found.ready) response.json({ status: 'serving' });
    else response.status(503).json({ status: found.reason });
  });
}

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'base-uri': ["'none'"],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'img-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
      },
    },
    // Only the proxy that terminates TLS knows whether this host is always served over TLS.
    strictTransportSecurity: false,
  });
}

/** Allows cross-origin requests (CORS) from allowed origins, and refuses those from all others. */
function admitOrigin({ admits }: HttpOptions): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined) return next();
    if (!admits(request))
      return refuse(response, 403, 'ORIGIN_REFUSED', 'this origin is not allowed');
    response.set({ 'Access-Control-Allow-Origin': origin, Vary: 'Origin' });
    if (request.method !== 'OPTIONS') return next();
    response.set({
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Allow-Methods': 'GET, POST',
    });
    response.status(204).end();
  };
}

/** Client errors, such as malformed JSON, have a status below 500. Any other error is a bug. */
function answerError(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500)
      return refuse(response, status, 'BAD_REQUEST', 'the request is malformed');
    log.error({ err: error, path: request.path }, 'a request could not be answered');
    refuse(response, 500, 'INTERNAL', 'the server failed to answer');
  };
}
