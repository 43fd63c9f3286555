// Destinations of one user or one session, after Spring's user destinations. Inside the broker
// each has a topic of its own, whose name no client can write because it does not begin with a
// `/`:
//
//   SUBSCRIBE /user/queue/x        hears  session <id> /queue/x  and  user <name> /queue/x
//   SEND /user/{name}/queue/x      goes to  user <name> /queue/x

/** The path at which a session hears of its refusals; only the server sends there. */
export const ERRORS_PATH = '/queue/errors';

/** `/{name}/queue/…`, as it follows the user prefix. */
export interface UserAddress {
  readonly user: string;
  /** Begins with `/queue/`. */
  readonly path: string;
}

/** True if the path is one that each session has of its own: `/queue/…`. */
export function isOwnPath(path: string): boolean {
  return path.startsWith('/queue/') && path.length > '/queue/'.length;
}

/** Parses `/{name}/queue/…`, with the name percent-encoded; `null`: the path has another form. */
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
 * The name is encoded, so that a space in it is not taken for its end. This is done by hand: a
 * handler may pass any text, and `encodeURIComponent` throws at half a surrogate pair.
 */
export function userTopic({ user, path }: UserAddress): string {
  const name = user.replaceAll(/\W/g, (unit) => `%${unit.charCodeAt(0)};`);
  return `user ${name} ${path}`;
}

export function sessionTopic(sessionId: string, path: string): string {
  return `session ${sessionId} ${path}`;
}
