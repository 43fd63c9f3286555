// The MESSAGEs of publications. A receiver's own headers are the head of the frame; what follows
// is the same for everyone with the same wire and version, and comes from `SharedTails`:
//
//   MESSAGE, subscription │ destination, message-id, position │ ack, redelivered │ the sender's headers, body
//   the receiver's        │ shared                            │ the delivery's   │ shared: the tail

import type { Publication } from '../engine/engine.ts';
import type { Packet, SplitFrame, WireEncoding } from '../packet.ts';
import { encodeHeaders } from '../stomp/encoder.ts';
import { escapeHeader } from '../stomp/escape.ts';
import type { Header } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { StompVersion } from '../stomp/version.ts';
import type { SharedTails } from './shared-tails.ts';

/** Receivers whose MESSAGEs have the same bytes: what these differ in from one to the next. */
export interface EncodingKey {
  readonly encoding: WireEncoding;
  /** The `destination` header; `null`: where the message was published. */
  readonly destinationHeader: string | null;
  readonly subscriptionId: string | null;
  readonly version: StompVersion;
}

/**
 * What is written at once, unless a single message is larger: between two packets a session is
 * asked whether it has room.
 */
const PACKET_BYTES = 256 * 1_024;

/** The MESSAGEs of all of these, in order, in as few packets as may be. */
export function encodePackets(
  publications: readonly Publication[],
  receivers: EncodingKey,
  tails: SharedTails,
): readonly Packet[] {
  return packetsOf(framesOf(publications, receivers, tails), receivers.encoding);
}

/** The MESSAGEs of all of these, in order, in one packet however large it is. */
export function encodePacket(
  publications: readonly Publication[],
  receivers: EncodingKey,
  tails: SharedTails,
): Packet {
  return receivers.encoding.join(framesOf(publications, receivers, tails));
}

/** The MESSAGE of a publication; `more` are headers of this one delivery. */
export function messageFrame(
  publication: Publication,
  receivers: EncodingKey,
  tails: SharedTails,
  more: readonly Header[] = [],
): SplitFrame {
  const { place, tail } = tails.of(publication, receivers);
  const head = firstLines(receivers) + place;
  return { head: head + encodeHeaders(more, receivers.version), tail };
}

/** These frames, in order, in as few packets as may be. */
export function packetsOf(frames: readonly SplitFrame[], encoding: WireEncoding): Packet[] {
  const packets: Packet[] = [];
  let bytes = 0;
  let from = 0;
  for (const [at, { head, tail }] of frames.entries()) {
    const more = head.length + tail.bytes;
    if (at > from && bytes + more > PACKET_BYTES) {
      packets.push(encoding.join(frames.slice(from, at)));
      bytes = 0;
      from = at;
    }
    bytes += more;
  }
  packets.push(encoding.join(from === 0 ? frames : frames.slice(from)));
  return packets;
}

function framesOf(
  publications: readonly Publication[],
  receivers: EncodingKey,
  tails: SharedTails,
): SplitFrame[] {
  const first = firstLines(receivers);
  return publications.map((publication) => {
    const { place, tail } = tails.of(publication, receivers);
    return { head: first + place, tail };
  });
}

/** STOMP 1.0: `subscription` is there only if the client gave an id. */
function firstLines({ subscriptionId, version }: EncodingKey): string {
  if (subscriptionId === null) return 'MESSAGE\n';
  return `MESSAGE\n${h.SUBSCRIPTION}:${escapeHeader(subscriptionId, version)}\n`;
}
