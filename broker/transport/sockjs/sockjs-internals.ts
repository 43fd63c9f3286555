import type { ServerResponse } from 'node:http';
import type { Connection } from 'sockjs';

/** The internals of a `sockjs` session, read anew each time. */
export interface SockJsInternals {
  /** Messages that wait for the client's next request. */
  readonly waiting: readonly string[];
  /** The open response to the client, if there is one. */
  readonly response: ServerResponse | null;
}

/**
 * Accesses the internals of a `sockjs` 0.3.24 connection, whose `write` always returns true. Throws
 * if the package is built differently; the contract tests open a connection on every transport.
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

/** The type demands a string, but clients need the code as a number. */
export function closeConnection(connection: Connection, code: number, reason: string): void {
  Reflect.apply(connection.close, connection, [code, reason]);
}

/** Drops a session at once, where `sockjs` would wait some seconds for a late request. */
export function endSession(connection: Connection): void {
  const session: unknown = Reflect.get(connection, '_session');
  const didTimeout: unknown = isObject(session) ? session.didTimeout : null;
  if (typeof didTimeout !== 'function') {
    throw new Error('sockjs is not the version whose sessions are known');
  }
  // `close` ends the open response first, because `didTimeout` throws while one is open.
  connection.close();
  Reflect.apply(didTimeout, session, []);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isResponse(value: unknown): value is ServerResponse {
  return isObject(value) && 'writableLength' in value;
}
