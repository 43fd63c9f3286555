import { parseRoomId } from '../shared/room-id.ts';

export type Route =
  | { readonly page: 'lobby' }
  | { readonly page: 'room'; readonly roomId: string }
  | { readonly page: 'unknown' };

export const LOBBY: Route = { page: 'lobby' };

/** Maps a path to a page. A path of no page gives `unknown`; never throws. */
export function parseRoute(pathname: string): Route {
  if (pathname === '/') return LOBBY;
  const segment = /^\/rooms\/([^/]+)\/?$/.exec(pathname)?.[1];
  const roomId = segment === undefined ? null : parseRoomId(segment);
  return roomId === null ? { page: 'unknown' } : { page: 'room', roomId };
}

/** The path of a page. Room ids need no escaping. */
export function pathOf(route: Route): string {
  return route.page === 'room' ? `/rooms/${route.roomId}` : '/';
}

/**
 * Parses a typed room id; the `#` that rooms are shown with is optional. `null` if it is invalid.
 */
export function parseTypedRoomId(text: string): string | null {
  return parseRoomId(text.trim().replace(/^#/, ''));
}
