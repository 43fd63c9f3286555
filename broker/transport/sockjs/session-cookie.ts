import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sets the cookie that some load balancers use for session affinity (sticky sessions).
 *
 * SockJS protocol 0.3.3, "JSESSIONID cookie": a client's own value is echoed; for a client without
 * one, any value will do.
 */
export function setSessionCookie({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, own = 'dummy'] = /(?:^|;) *JSESSIONID=([!-:<-~]+)/.exec(headers.cookie ?? '') ?? [];
  response.setHeader('Set-Cookie', `JSESSIONID=${own}; path=/`);
}
