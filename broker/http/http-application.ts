// What is served over HTTP besides the endpoint: the page, the rooms as REST, and health.

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
  /** Whether a request may come from the origin that it names. */
  readonly admits: (request: IncomingMessage) => boolean;
  /** Who asks, and by which scheme and host, behind whatever proxies are trusted. */
  readonly clientOf: (request: IncomingMessage) => Client;
  /** False: the request came by a host name that is not allowed, and was answered. */
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

/** Whether the server does what it is there for, and if not, in a word why. */
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

/** Express would find them out by itself, from fewer headers and by rules of its own. */
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

/** Life and readiness, apart: who restarts what is not alive must not restart what is not ready. */
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
    // Whether this name is served over TLS is for whoever ends TLS to say.
    strictTransportSecurity: false,
  });
}

/** A page of a listed origin may read and write; one of another is refused. */
function admitOrigin({ admits }: HttpOptions): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined) return next();
    if (!admits(request))
      return refuse(response, 403, 'ORIGIN_REFUSED', 'this origin is not let in');
    response.set({ 'Access-Control-Allow-Origin': origin, Vary: 'Origin' });
    if (request.method !== 'OPTIONS') return next();
    response.set({
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Allow-Methods': 'GET, POST',
    });
    response.status(204).end();
  };
}

/** Bad JSON and the like come here with a status of their own; anything else is a bug of ours. */
function answerError(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500)
      return refuse(response, status, 'BAD_REQUEST', 'the request is malformed');
    log.error({ err: error, path: request.path }, 'a request could not be answered');
    refuse(response, 500, 'INTERNAL', 'the server failed to answer');
  };
}
