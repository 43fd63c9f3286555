// What is meant for one user or one session, after Spring's user destinations. Below the surface
// each has a topic of its own, under a name that no client can write as it begins with no `/`:
//
//   SUBSCRIBE /user/queue/x        hears  session <id> /queue/x  and  user <name> /queue/x
//   SEND /user/{name}/queue/x      goes to  user <name> /queue/x

/** Where refusals are told; only the server speaks there. */
export const ERRORS_PATH = '/queue/errors';

/** Of `/{name}/queue/…`, as it follows the user prefix. */
export interface UserAddress {
  readonly user: string;
  /** Begins with `/queue/`. */
  readonly path: string;
}

/** Whether it is what a session may call its own: `/queue/…`. */
export function isOwnPath(path: string): boolean {
  return path.startsWith('/queue/') && path.length > '/queue/'.length;
}

/** Reads `/{name}/queue/…`, the name percent-encoded; `null`: it is none. */
export function userAddressOf(path: string): UserAddress | null {
  const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/s.exec(path) ?? [];
  if (name === '' || !isOwnPath(rest)) return null;
  try {
    return { user: decodeURIComponent(name), path: rest };
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/**
 * Encoded, so that a space in a name is not taken for its end; by hand, as a handler may be told
 * any text for a name, and half a surrogate pair is nothing to percent-encode.
 */
export function userTopic({ user, path }: UserAddress): string {
  const name = user.replaceAll(/\W/g, (unit) => `%${unit.charCodeAt(0)};`);
  return `user ${name} ${path}`;
}

export function sessionTopic(sessionId: string, path: string): string {
  return `session ${sessionId} ${path}`;
}
