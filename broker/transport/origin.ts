import type { IncomingMessage } from 'node:http';
import type { ThrottledLog } from '../limits/throttled-log.ts';
import type { Clients } from './client-address.ts';

/** Values that `--allow-origin` accepts; a log line proposes no others. */
const NAMED_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.:[\]_-]{1,255}$/;

export interface OriginPolicyOptions {
  /** Origins such as `https://example.org`; `*` allows all. */
  readonly allowed: readonly string[];
  readonly clients: Clients;
  readonly warnings: Pick<ThrottledLog<'origin'>, 'warn'>;
}

/**
 * The origins whose pages may open a connection: this host's own, and those that a setting lists.
 * A request without an `Origin` header does not come from a browser, and is admitted.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #clients: Clients;
  readonly #patterns: readonly RegExp[];
  readonly #warnings: Pick<ThrottledLog<'origin'>, 'warn'>;

  constructor({ allowed, clients, warnings }: OriginPolicyOptions) {
    this.#allowed = new Set(allowed);
    this.#patterns = allowed.filter((one) => one.length > 1 && one.includes('*')).map(patternOf);
    this.#clients = clients;
    this.#warnings = warnings;
  }

  /** Logs a refusal, with the setting that would let the page in. */
  admits(request: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
    const { origin } = request.headers;
    if (origin === undefined || this.#isListed(origin)) return true;
    const { address: peer, host, scheme } = this.#clients.of(request);
    if (isSame(origin, host, scheme)) return true;
    // `null` is sent for every local file and every sandboxed page, so it identifies no origin.
    const cure = NAMED_ORIGIN.test(origin)
      ? `--allow-origin ${origin} lets it in`
      : 'only pages with an origin of their own can be let in';
    this.#warnings.warn(
      'origin',
      { origin: origin.slice(0, 300), peer },
      `origin refused; ${cure}`,
    );
    return false;
  }

  #isListed(origin: string): boolean {
    if (this.#allowed.has('*') || this.#allowed.has(origin)) return true;
    return this.#patterns.some((pattern) => pattern.test(origin));
  }
}

/**
 * Compiles an origin in which `*` stands for one label of the host name, or for an optional port.
 */
function patternOf(origin: string): RegExp {
  const escaped = origin.replace(/[.[\]+]/g, '\\$&');
  const text = escaped.replace(/:\*$/, '(?::\\d{1,5})?').replace('//*\\.', '//[a-z0-9_-]{1,63}\\.');
  return new RegExp(`^${text}$`);
}

/**
 * True if a page comes from the host that it connects to. The scheme is compared only where it is
 * known: behind an untrusted proxy that terminates TLS it is not.
 */
function isSame(origin: string, host: string | undefined, scheme: string | null): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (scheme !== null && page.protocol !== `${scheme}:`) return false;
  // The scheme's default port may be named on one side and omitted on the other.
  const asked = `${page.protocol}//${host}`;
  if (page.host === host.toLowerCase()) return true;
  return !/[/?#@\\]/.test(host) && URL.canParse(asked) && new URL(asked).host === page.host;
}
