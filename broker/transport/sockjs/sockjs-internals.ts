import type { ServerResponse } from 'node:http';
import type { Connection } from 'sockjs';

/** What of a `sockjs` session its public face does not show; asked anew each time. */
export interface SockJsInternals {
  /** Messages that wait for the client's next request. */
  readonly waiting: readonly string[];
  /** The response that is open towards the client, if one is. */
  readonly response: ServerResponse | null;
}

/**
 * Looks into a connection of `sockjs` 0.3.24, whose `write` always says true. Throws where the
 * package is not built as that version is; the contract tests open one on every transport.
 */
export function internalsOf(connection: Connection): SockJsInternals {
  const session: unknown = Reflect.get(connection, '_session');
  if (!isObject(session) || !Array.isArray(session.send_buffer)) {
    throw new Error('sockjs is not the version whose sessions are known');
  }
  const { recv, send_buffer: waiting } = session;
  const response = isObject(recv) ? recv.response : null;
  return { waiting, response: isResponse(response) ? response : null };
}

/** Its type asks for a text, but what a client reads as its code must be a number. */
export function closeConnection(connection: Connection, code: number, reason: string): void {
  Reflect.apply(connection.close, connection, [code, reason]);
}

/** Forgets a session at once, where `sockjs` waits some seconds for a late request. */
export function endSession(connection: Connection): void {
  const session: unknown = Reflect.get(connection, '_session');
  const didTimeout: unknown = isObject(session) ? session.didTimeout : null;
  if (typeof didTimeout !== 'function') {
    throw new Error('sockjs is not the version whose sessions are known');
  }
  // Afterwards no response is open; with one, it would throw.
  connection.close();
  Reflect.apply(didTimeout, session, []);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isResponse(value: unknown): value is ServerResponse {
  return isObject(value) && 'writableLength' in value;
}
