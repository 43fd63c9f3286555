import { isUtf8 } from 'node:buffer';
import { reject } from './rejection.ts';

/** A header of a message; pairs keep their order, and of a repeated name the first counts. */
export type HeaderPair = readonly [name: string, value: string];

/** The session that asks. The same object for all its requests, so it may be a key. */
export interface Caller {
  /** The client's address, such as `203.0.113.7`; behind a trusted proxy, as the proxy tells it. */
  readonly address: string;
  readonly sessionId: string;
  /** Who this is, once an authentication says so. */
  readonly user: string | null;
}

/** What a client asks of a handler. */
export interface Asked {
  readonly body: Buffer;
  readonly caller: Caller;
  /** The sender's own headers that may be passed on to receivers: none carries credentials. */
  readonly headers: readonly HeaderPair[];
  /** All headers, as the client sent them. */
  readonly sentHeaders: readonly HeaderPair[];
}

/** What a handler is given: who asks what, and the names of its pattern. */
export class Request<P = unknown> {
  readonly body: Buffer;
  readonly caller: Caller;
  /** The sender's own headers that may be passed on to receivers: none carries credentials. */
  readonly headers: readonly HeaderPair[];
  readonly params: P;
  readonly #sentHeaders: readonly HeaderPair[];

  constructor(fields: Asked & { readonly params: P }) {
    this.body = fields.body;
    this.caller = fields.caller;
    this.headers = fields.headers;
    this.params = fields.params;
    this.#sentHeaders = fields.sentHeaders;
  }

  /** The first header of this name as the client sent it, whether or not it may be passed on. */
  header(name: string): string | undefined {
    return this.#sentHeaders.find(([sent]) => sent === name)?.[1];
  }

  /** The body as text; rejects `NOT_TEXT` if it is no UTF-8. */
  text(): string {
    if (!isUtf8(this.body)) reject('NOT_TEXT', 'the body must be UTF-8 text');
    return this.body.toString('utf8');
  }

  /** The body as JSON; rejects `BAD_JSON` if it is none. */
  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch (error) {
      if (error instanceof SyntaxError) reject('BAD_JSON', 'the body must be JSON');
      throw error;
    }
  }
}
