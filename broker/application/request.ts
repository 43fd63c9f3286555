import { isUtf8 } from 'node:buffer';
import { reject } from './rejection.ts';

/** A header of a message. Headers keep their order; of a repeated name the first counts. */
export type HeaderPair = readonly [name: string, value: string];

/** The session that sent a request. All its requests share this object, so it can be a key. */
export interface Caller {
  /** The client's address, such as `203.0.113.7`; behind a trusted proxy, the one it reports. */
  readonly address: string;
  readonly sessionId: string;
  /** The name that authentication gave to the client; `null`: none. */
  readonly user: string | null;
}

/** A request before it is matched to a handler's pattern. */
export interface Asked {
  readonly body: Buffer;
  readonly caller: Caller;
  /** The sender's headers that may be passed on to receivers, without credentials. */
  readonly headers: readonly HeaderPair[];
  /** All headers, as the client sent them. */
  readonly sentHeaders: readonly HeaderPair[];
}

/** A SEND or SUBSCRIBE as a handler sees it. */
export class Request<P = unknown> {
  readonly body: Buffer;
  readonly caller: Caller;
  /** The sender's headers that may be passed on to receivers, without credentials. */
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

  /** The first header with this name as the client sent it, even if it is not passed on. */
  header(name: string): string | undefined {
    return this.#sentHeaders.find(([sent]) => sent === name)?.[1];
  }

  /** The body as text. Rejects `NOT_TEXT` if it is not UTF-8. */
  text(): string {
    if (!isUtf8(this.body)) reject('NOT_TEXT', 'the body must be UTF-8 text');
    return this.body.toString('utf8');
  }

  /** The body as JSON. Rejects `BAD_JSON` if it is not. */
  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch (error) {
      if (error instanceof SyntaxError) reject('BAD_JSON', 'the body must be JSON');
      throw error;
    }
  }
}
