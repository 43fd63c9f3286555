import { isUtf8 } from 'node:buffer';
import { BODY_OMITTED, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Message, Publication } from '../engine/engine.ts';
import { encodeFrame } from '../stomp/encoder.ts';
import { type Header, NO_BODY, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { StompVersion } from '../stomp/version.ts';
import type { Outlet } from './outlet.ts';

/** What a MESSAGE differs in from one group of receivers to the next. */
export interface Receivers {
  readonly isTextOnly: boolean;
  /** The `destination` header; `null`: where the message was published. */
  readonly shown: string | null;
  readonly subscriptionId: string | null;
  readonly version: StompVersion;
}

/** Who gets the same bytes: the client behind an outlet, or all of a group. */
export function receiverAt(
  { encoding, version }: Pick<Outlet, 'encoding' | 'version'>,
  subscriptionId: string | null,
  shown: string | null,
): Receivers {
  return { isTextOnly: encoding.isTextOnly, shown, subscriptionId, version };
}

/** The MESSAGE of a publication, as bytes; `more` are headers of this one delivery. */
export function encodeMessage(
  publication: Publication,
  receivers: Receivers,
  more: readonly Header[] = [],
): Buffer {
  const { destination, id, message, offset } = publication;
  const { shown, subscriptionId, version } = receivers;
  // STOMP 1.0: `subscription` is there only if the client gave an id.
  const headers: Header[] = subscriptionId === null ? [] : [[h.SUBSCRIPTION, subscriptionId]];
  headers.push([h.DESTINATION, shown ?? destination], [h.MESSAGE_ID, id]);
  if (offset !== null) headers.push([STREAM_OFFSET, String(offset)]);
  headers.push(...more, ...message.headers);
  return encodeBody(headers, message, receivers.isTextOnly, version);
}

function encodeBody(
  headers: Header[],
  { body }: Message,
  isTextOnly: boolean,
  version: StompVersion,
): Buffer {
  // One sender of binary must not be able to break the receivers that have text only.
  if (!isTextOnly || isUtf8(body))
    return encodeFrame(serverFrame('MESSAGE', headers, body), version);
  headers.push([BODY_OMITTED, 'binary']);
  return encodeFrame(serverFrame('MESSAGE', headers, NO_BODY), version);
}
