import { BODY_OMITTED, DUPLICATE, RECOVERED, STREAM_PREFIX } from '../../shared/header-names.ts';
import type { Header } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';

const OWN_NAMES: ReadonlySet<string> = new Set([
  h.ACK,
  h.CONTENT_LENGTH,
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
 * The headers of a SEND that receivers get: all but the names that are the broker's to say
 * (STOMP 1.2, "SEND": user-defined headers pass through).
 */
export function passedHeaders(headers: readonly Header[]): readonly Header[] {
  return headers.filter(([name]) => {
    // Clients that trim would take ` content-length` for the real one.
    const trimmed = name.trim();
    return !OWN_NAMES.has(trimmed) && !trimmed.startsWith(STREAM_PREFIX);
  });
}
