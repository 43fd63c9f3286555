import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sets the cookie by which some balancers send all requests of a client to one server.
 *
 * SockJS protocol 0.3.3, "JSESSIONID cookie": a client's own is given back; the name is all that
 * counts to whoever has none.
 */
export function setSessionCookie({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, own = 'dummy'] = /(?:^|;) *JSESSIONID=([!-:<-~]+)/.exec(headers.cookie ?? '') ?? [];
  response.setHeader('Set-Cookie', `JSESSIONID=${own}; path=/`);
}
