import { isUtf8 } from 'node:buffer';
import { BODY_OMITTED, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Message, Publication } from '../engine/engine.ts';
import { encodeFrame } from '../stomp/encoder.ts';
import { type Header, NO_BODY, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { StompVersion } from '../stomp/version.ts';
import type { Packet, WireEncoding } from './outlet.ts';

/** Receivers whose MESSAGEs have the same bytes: what these differ in from one to the next. */
export interface Alike {
  readonly encoding: WireEncoding;
  /** The `destination` header; `null`: where the message was published. */
  readonly shown: string | null;
  readonly subscriptionId: string | null;
  readonly version: StompVersion;
}

/** All of these, in order, as they are written to each of the receivers. */
export function encodePacket(publications: readonly Publication[], receivers: Alike): Packet {
  return receivers.encoding.wrap(
    publications.map((publication) => encodeMessage(publication, receivers)),
  );
}

/** The MESSAGE of a publication, as bytes; `more` are headers of this one delivery. */
export function encodeMessage(
  publication: Publication,
  receivers: Alike,
  more: readonly Header[] = [],
): Buffer {
  const { destination, id, message, offset } = publication;
  const { encoding, shown, subscriptionId, version } = receivers;
  // STOMP 1.0: `subscription` is there only if the client gave an id.
  const headers: Header[] = subscriptionId === null ? [] : [[h.SUBSCRIPTION, subscriptionId]];
  headers.push([h.DESTINATION, shown ?? destination], [h.MESSAGE_ID, id]);
  if (offset !== null) headers.push([STREAM_OFFSET, String(offset)]);
  headers.push(...more, ...message.headers);
  return encodeBody(headers, message, encoding.isTextOnly, version);
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
