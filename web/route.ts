import { parseRoomId } from '../shared/room-id.ts';

export type Route =
  | { readonly page: 'lobby' }
  | { readonly page: 'room'; readonly roomId: string }
  | { readonly page: 'unknown' };

export const LOBBY: Route = { page: 'lobby' };

/** Which page an address names. An address that names none is `unknown`, never an error. */
export function parseRoute(pathname: string): Route {
  if (pathname === '/') return LOBBY;
  const segment = /^\/rooms\/([^/]+)\/?$/.exec(pathname)?.[1];
  const roomId = segment === undefined ? null : parseRoomId(segment);
  return roomId === null ? { page: 'unknown' } : { page: 'room', roomId };
}

/** The address of a page; room ids need no escaping. */
export function pathOf(route: Route): string {
  return route.page === 'room' ? `/rooms/${route.roomId}` : '/';
}

/** What somebody typed to open a room: a number or an id, perhaps with the `#` rooms are shown with. */
export function parseTypedRoomId(text: string): string | null {
  return parseRoomId(text.trim().replace(/^#/, ''));
}
