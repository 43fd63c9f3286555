import { isCredential } from '../../shared/credentials.ts';
import { BODY_OMITTED, DUPLICATE, RECOVERED, STREAM_PREFIX } from '../../shared/header-names.ts';
import type { Header } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';

const OWN_NAMES: ReadonlySet<string> = new Set([
  h.ACK,
  h.DESTINATION,
  h.LOGIN,
  h.MESSAGE_ID,
  h.PASSCODE,
  h.RECEIPT,
  h.REDELIVERED,
  h.SUBSCRIPTION,
  h.TRANSACTION,
  BODY_OMITTED,
  DUPLICATE,
  RECOVERED,
]);

/**
 * The headers of a client's SEND that receivers get: all but the names that are the broker's to say
 * (STOMP 1.2, "SEND": user-defined headers pass through), and those that carry credentials.
 */
export function passedHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => isPassed(name) && !isCredential(name));
}

/** As `passedHeaders`, for a message of the program's: it names its headers on purpose. */
export function programHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => isPassed(name));
}

function isPassed(name: string): boolean {
  // Clients that trim would take ` content-length` for the real one.
  const trimmed = name.trim();
  if (OWN_NAMES.has(trimmed) || trimmed.startsWith(STREAM_PREFIX)) return false;
  // A client that ignores case would take `Content-Length` for the real one and lose the framing.
  return trimmed.length !== h.CONTENT_LENGTH.length || trimmed.toLowerCase() !== h.CONTENT_LENGTH;
}
