// From what a library user says about logins to what a session asks at CONNECT.

import { hasCodePoints, hasForbidden } from '../shared/names.ts';
import { Rejection } from './application/rejection.ts';
import { ConfigError } from './config.ts';
import type { Maybe } from './maybe.ts';
import type { Admission, Authenticator, Login } from './session/commands/login.ts';

/**
 * Says who a client is: the user's name, or `null`, which lets it in without one. It may take its
 * time, within `connectTimeoutMs`, and may `reject(code, text)`: the client gets an ERROR with
 * that code, and the end. Anything else that it throws refuses the client as well, and is logged.
 *
 * ```ts
 * const authenticate: Authenticate = async ({ login, passcode }) =>
 *   (await users.check(login, passcode)) ? login : reject('BAD_LOGIN', 'wrong name or password');
 * ```
 */
export type Authenticate = (login: Login) => Maybe<string | null>;

/** Of a user's name. */
const CODE_POINTS_MAX = 256;

const BAD_USER: Admission = {
  type: 'refused',
  code: 'BAD_USER',
  text: `the name of a user has 1 to ${CODE_POINTS_MAX} characters, no control characters and none that change the direction of text`,
};

/**
 * What a session asks; `null`: anyone is let in, without a name.
 *
 * @throws ConfigError if two ways are given to know who a client is
 */
export function authenticatorOf(
  hook: Authenticate | undefined,
  trustLogin: boolean,
): Authenticator | null {
  if (hook === undefined) return trustLogin ? ({ login }) => admissionOf(login) : null;
  // Whichever of them won, the other would be a check that somebody relies on and nobody makes.
  if (trustLogin) throw new ConfigError(['trustLogin: authenticate says who a client is']);
  return (login) => {
    try {
      const user = hook(login);
      if (user === null || typeof user === 'string') return admissionOf(user);
      // Whatever else it is, it is waited for: a promise may be of another realm.
      return Promise.resolve(user).then(admissionOf, refusalOf);
    } catch (error) {
      return refusalOf(error);
    }
  };
}

function admissionOf(user: string | null): Admission {
  if (user === null) return { type: 'admitted', user };
  // A hook that forgot to answer must not let anyone in.
  if (typeof user !== 'string') throw new TypeError('authenticate must give a name or null');
  const isFine = hasCodePoints(user, 1, CODE_POINTS_MAX) && !hasForbidden(user);
  return isFine ? { type: 'admitted', user } : BAD_USER;
}

/** Anything but a Rejection is a bug of the hook, and the session's to report. */
function refusalOf(error: unknown): Admission {
  if (error instanceof Rejection) return { type: 'refused', code: error.code, text: error.message };
  throw error;
}
