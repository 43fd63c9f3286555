// Adapts a library user's `authenticate` hook to the question that a session asks at CONNECT.

import { hasCodePoints, hasForbidden } from '../shared/names.ts';
import { Rejection } from './application/rejection.ts';
import { ConfigError } from './config.ts';
import type { Maybe } from './maybe.ts';
import type { Admission, Authenticator, Login } from './session/commands/login.ts';

/**
 * Authenticates a client. Returns the user's name, or `null` to admit the client without one. It may
 * take up to `connectTimeoutMs`. If it calls `reject(code, text)`, the client gets an ERROR with that
 * code and is disconnected; any other exception refuses the client as well, and is logged.
 *
 * ```ts
 * const authenticate: Authenticate = async ({ login, passcode }) =>
 *   (await users.check(login, passcode)) ? login : reject('BAD_LOGIN', 'wrong name or password');
 * ```
 */
export type Authenticate = (login: Login) => Maybe<string | null>;

/** Limit of a user's name. */
const CODE_POINTS_MAX = 256;

const BAD_USER: Admission = {
  type: 'refused',
  code: 'BAD_USER',
  text: `the name of a user has 1 to ${CODE_POINTS_MAX} characters, no control characters and none that change the direction of text`,
};

/**
 * The authenticator of all sessions; `null`: every client is admitted without a name.
 *
 * @throws ConfigError if both a hook and `trustLogin` are given
 */
export function authenticatorOf(
  hook: Authenticate | undefined,
  trustLogin: boolean,
): Authenticator | null {
  if (hook === undefined) return trustLogin ? ({ login }) => admissionOf(login) : null;
  // If one of them won silently, somebody would rely on a check that is never made.
  if (trustLogin) throw new ConfigError(['trustLogin: authenticate says who a client is']);
  return (login) => {
    try {
      const user = hook(login);
      if (user === null || typeof user === 'string') return admissionOf(user);
      // Any other object is awaited: a promise of another realm is no instance of Promise.
      return Promise.resolve(user).then(admissionOf, refusalOf);
    } catch (error) {
      return refusalOf(error);
    }
  };
}

function admissionOf(user: string | null): Admission {
  if (user === null) return { type: 'admitted', user };
  // A hook that returns `undefined` must not admit anyone.
  if (typeof user !== 'string') throw new TypeError('authenticate must give a name or null');
  const isFine = hasCodePoints(user, 1, CODE_POINTS_MAX) && !hasForbidden(user);
  return isFine ? { type: 'admitted', user } : BAD_USER;
}

/** Rethrows everything but a Rejection: it is a bug of the hook, and the session reports it. */
function refusalOf(error: unknown): Admission {
  if (error instanceof Rejection) return { type: 'refused', code: error.code, text: error.message };
  throw error;
}
