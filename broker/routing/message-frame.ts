import { isUtf8 } from 'node:buffer';
import { BODY_OMITTED, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Message, Publication } from '../engine/engine.ts';
import { encodeFrame } from '../stomp/encoder.ts';
import { type Header, NO_BODY, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { StompVersion } from '../stomp/version.ts';

/** What a MESSAGE differs in from one group of receivers to the next. */
export interface Receivers {
  readonly isTextOnly: boolean;
  readonly subscriptionId: string | null;
  readonly version: StompVersion;
}

/** The MESSAGE of a publication, as bytes. */
export function encodeMessage(publication: Publication, receivers: Receivers): Buffer {
  const { destination, id, message, offset } = publication;
  const headers: Header[] = [
    [h.DESTINATION, destination],
    [h.MESSAGE_ID, id],
  ];
  if (offset !== null) headers.push([STREAM_OFFSET, String(offset)]);
  return encodeDelivery(headers, message, receivers);
}

/** A MESSAGE with these headers before the message's own. */
export function encodeDelivery(
  headers: readonly Header[],
  message: Message,
  { isTextOnly, subscriptionId, version }: Receivers,
): Buffer {
  // STOMP 1.0: `subscription` is there only if the client gave an id.
  const subscription: Header[] = subscriptionId === null ? [] : [[h.SUBSCRIPTION, subscriptionId]];
  const all = [...subscription, ...headers, ...message.headers];
  // One sender of binary must not be able to break the receivers that have text only.
  if (isTextOnly && !isUtf8(message.body)) {
    return encodeFrame(
      serverFrame('MESSAGE', [...all, [BODY_OMITTED, 'binary']], NO_BODY),
      version,
    );
  }
  return encodeFrame(serverFrame('MESSAGE', all, message.body), version);
}
