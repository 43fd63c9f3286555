import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { ThrottledLog } from '../limits/throttled-log.ts';
import { type Clients, isLoopback } from './client-address.ts';

export interface HostPolicyOptions {
  /** Names and addresses without a port; `*` allows all. */
  readonly allowHost: readonly string[];
  /** Origins whose hosts are allowed as well. */
  readonly allowOrigin: readonly string[];
  readonly clients: Clients;
  readonly warnings: Pick<ThrottledLog<'host'>, 'warn'>;
}

/**
 * The host names that the server answers to. A page of another site can point its own name at a
 * loopback address (DNS rebinding), and the browser then takes it for the same origin as the
 * server. The `Host` header gives it away, so a server that listens on a loopback address answers
 * to loopback names only, unless more are listed. On other addresses every name is accepted unless
 * there is a list.
 */
export class HostPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #clients: Clients;
  readonly #isOpenToAll: boolean;
  readonly #isRestricting: boolean;
  readonly #warnings: Pick<ThrottledLog<'host'>, 'warn'>;
  #isOnLoopback = false;

  constructor({ allowHost, allowOrigin, clients, warnings }: HostPolicyOptions) {
    this.#isOpenToAll = allowHost.includes('*');
    this.#isRestricting = allowHost.length > 0;
    this.#clients = clients;
    this.#warnings = warnings;
    const origins = allowOrigin.filter((origin) => URL.canParse(origin));
    const hosts = [...allowHost, ...origins.map((origin) => new URL(origin).host)];
    this.#allowed = new Set(hosts.flatMap((host) => nameOf(host) ?? []));
  }

  /** Sets the address that the server listens on. */
  listensAt(address: string): void {
    this.#isOnLoopback = isLoopback(address);
  }

  /** Logs a refusal, with the setting that would let the request in. */
  admits(request: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
    if (this.#isOpenToAll || !(this.#isRestricting || this.#isOnLoopback)) return true;
    const { address: peer, host } = this.#clients.of(request);
    // Rebinding takes a browser, and every browser names a host: without one there is no danger.
    if (host === undefined || host === '') return true;
    const name = nameOf(host);
    if (name !== null && this.#isAllowed(name)) return true;
    const cure = name === null ? 'it is no host name' : `--allow-host ${name} lets it in`;
    this.#warnings.warn('host', { host: host.slice(0, 300), peer }, `host refused; ${cure}`);
    return false;
  }

  #isAllowed(name: string): boolean {
    if (name === 'localhost' || name.endsWith('.localhost') || this.#allowed.has(name)) return true;
    return this.#isOnLoopback && isLoopback(name);
  }
}

const NAME = /^(?:[\w.-]{1,255}|\[[\dA-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Normalises a host: no port, no brackets, lower case. `null`: it is malformed. */
function nameOf(host: string): string | null {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  if (!NAME.test(bracketed) || !URL.canParse(`http://${bracketed}`)) return null;
  const { hostname } = new URL(`http://${bracketed}`);
  return hostname.replace(/^\[|\]$|\.$/g, '');
}

const HOST_REFUSED = 'HOST_REFUSED';
const TEXT = 'this server is not to be asked by this host name';
const PAGE = `<!doctype html><meta charset="utf-8"><title>421 Misdirected Request</title>
<h1>Not a name of this server</h1>
<p>It was asked by a host name that it does not answer to. If the name is right, start the server with
<code>--allow-host</code> and this name; its log has the whole line.</p>
`;

/** Answers a request whose host name is not allowed (RFC 9110, 15.5.20). */
export function refuseHost(
  { headers: { accept = '' }, url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const isPage = accept.includes('text/html') && !/^\/api(?:[/?]|$)/.test(url);
  response.writeHead(421, {
    // The same URL may lead to another server once the name does.
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'",
    'Content-Type': `${isPage ? 'text/html' : 'application/json'}; charset=utf-8`,
  });
  response.end(isPage ? PAGE : JSON.stringify({ code: HOST_REFUSED, text: TEXT }));
}
