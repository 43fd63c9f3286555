import type { Maybe } from '../../maybe.ts';
import { type ClientFrame, type Header, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { Handshake } from '../../transport/transport.ts';

/** What a client says of itself at CONNECT, and where it came from. */
export interface Login {
  /** What came before the first frame: cookies and tokens of a browser. Empty over TCP. */
  readonly handshake: Handshake;
  /** All headers of the CONNECT, in its order. */
  readonly headers: readonly Header[];
  readonly host: string | null;
  readonly login: string | null;
  readonly passcode: string | null;
  /** The client's address: behind a proxy that `trustProxy` does not list, the proxy's. */
  readonly peer: string;
  /** As the caller of all that follows will have it. */
  readonly sessionId: string;
}

/** Whether a client may come in, and under which name; `null`: without one. */
export type Admission =
  | { readonly type: 'admitted'; readonly user: string | null }
  | { readonly type: 'refused'; readonly code: string; readonly text: string };

/** Decides on a login. It may throw, or reject: then the server failed, and nobody is let in. */
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
