import type { Maybe } from '../../maybe.ts';
import { type ClientFrame, type Header, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Handshake } from '../../transport/transport.ts';

/** The credentials and the origin of a client at CONNECT. */
export interface Login {
  /**
   * The HTTP request before the first frame, with a browser's cookies and tokens. Empty over TCP.
   */
  readonly handshake: Handshake;
  /** All headers of the CONNECT, in their order. */
  readonly headers: readonly Header[];
  readonly host: string | null;
  readonly login: string | null;
  readonly passcode: string | null;
  /**
   * The address of the client; behind a proxy that `trustProxy` does not list, that of the proxy.
   */
  readonly peer: string;
  /** The id that all later frames of the session will have as their caller. */
  readonly sessionId: string;
}

/** The outcome of a login. A `null` user is admitted without a name. */
export type Admission =
  | { readonly type: 'admitted'; readonly user: string | null }
  | { readonly type: 'refused'; readonly code: string; readonly text: string };

/** Decides on a login. Throwing or rejecting is a failure of the server: nobody is admitted. */
export type Authenticator = (login: Login) => Maybe<Admission>;

/** Reads the login out of a CONNECT. */
export function loginOf(
  frame: ClientFrame,
  origin: Pick<Login, 'handshake' | 'peer' | 'sessionId'>,
): Login {
  return {
    ...origin,
    headers: frame.headers,
    host: headerOf(frame, h.HOST) ?? null,
    login: headerOf(frame, h.LOGIN) ?? null,
    passcode: headerOf(frame, h.PASSCODE) ?? null,
  };
}

/** Decides on a login; without an authenticator every client is admitted, without a name. */
export function admit(authenticate: Authenticator | null, login: Login): Maybe<Admission> {
  return authenticate === null ? { type: 'admitted', user: null } : authenticate(login);
}
