import type { IncomingMessage } from 'node:http';
import type { Log } from '../log.ts';

/**
 * Who may open a connection from a browser: pages of this very host, and of the origins that a
 * setting lists. Without an `Origin` header it is no browser, and is let in.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #log: Log;

  /** @param allowed origins such as `https://example.org`; `*` allows every one */
  constructor(allowed: readonly string[], log: Log) {
    this.#allowed = new Set(allowed);
    this.#log = log;
  }

  /** Logs who is refused, with the name of the setting that would let them in. */
  admits(request: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
    if (this.#isAllowed(request)) return true;
    const { origin } = request.headers;
    const peer = request.socket.remoteAddress;
    this.#log.warn({ origin, peer }, `origin refused; --allow-origin ${origin} lets it in`);
    return false;
  }

  #isAllowed({ headers: { host, origin } }: Pick<IncomingMessage, 'headers'>): boolean {
    if (origin === undefined || this.#allowed.has('*') || this.#allowed.has(origin)) return true;
    // The scheme is left out: behind a proxy that ends TLS it is not ours to know.
    return (
      host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
    );
  }
}
