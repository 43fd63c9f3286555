import type { IncomingMessage } from 'node:http';
import express, { type Router } from 'express';
import { refuse } from './rooms-api.ts';

/**
 * Counts a request for a page of a history. Returns the milliseconds that the client has to wait
 * for it; 0 if it may have the page now.
 */
export type TakePage = (request: IncomingMessage) => number;

/** Refuses pages of histories to clients that request too many, with 429 and `Retry-After`. */
export function pageLimit(takePage: TakePage): Router {
  const router = express.Router();
  router.get('/rooms/:roomId/messages', (request, response, next) => {
    const waitMs = takePage(request);
    if (waitMs === 0) return next();
    response.set('Retry-After', String(Math.ceil(waitMs / 1_000)));
    refuse(response, 429, 'RATE_LIMITED', 'too many pages of histories in a short time');
  });
  return router;
}
