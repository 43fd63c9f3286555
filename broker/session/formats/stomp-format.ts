// Publications as MESSAGE frames. The receiver's own headers are the head of the frame; what
// follows is the same for every receiver with the same wire and version, and comes from
// `SharedTails`:
//
//   MESSAGE, subscription │ destination, message-id, position │ ack, redelivered │ headers, body
//   the receiver's        │ shared                            │ the delivery's   │ shared: the tail

import type { Publication } from '../../engine/engine.ts';
import type { Packet, SplitFrame, WireEncoding } from '../../packet.ts';
import { PACKET_BYTES_MAX, type PageFormat } from '../../routing/message-format.ts';
import { encodeHeaders } from '../../stomp/encoder.ts';
import { escapeHeader } from '../../stomp/escape.ts';
import type { Header } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { StompVersion } from '../../stomp/version.ts';
import { SharedTails } from './shared-tails.ts';

/** The wire that all MESSAGEs of one session have in common. */
export interface StompWire {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
}

/**
 * The MESSAGEs of two receivers have the same bytes if, and only if, their encoding keys are equal.
 */
export interface EncodingKey extends StompWire {
  /** The `destination` header; `null`: the destination of the publication. */
  readonly destinationHeader: string | null;
  /** The `subscription` header; `null`: a 1.0 client that gave no id. */
  readonly subscriptionId: string | null;
}

/** A page of a history is encoded for its bytes alone, and shares nothing with a live batch. */
const UNSHARED = new SharedTails();

/** Encodes publications as the MESSAGEs of one subscription. */
export class StompFormat implements PageFormat {
  readonly destinationHeader: string | null;
  readonly encoding: WireEncoding;
  readonly key: string;
  readonly subscriptionId: string | null;
  readonly version: StompVersion;
  readonly #tails: SharedTails;
  /** The first lines of each frame, made on first use. */
  #firstLines: string | null = null;

  constructor(
    { destinationHeader, encoding, subscriptionId, version }: EncodingKey,
    tails: SharedTails,
  ) {
    this.destinationHeader = destinationHeader;
    this.encoding = encoding;
    this.subscriptionId = subscriptionId;
    this.version = version;
    this.key = keyOf(encoding, version, destinationHeader, subscriptionId);
    this.#tails = tails;
  }

  encode(publications: readonly Publication[]): readonly Packet[] {
    return this.packetsOf(this.#framesOf(publications, this.#tails));
  }

  encodePage(publications: readonly Publication[]): Packet {
    return this.encoding.join(this.#framesOf(publications, UNSHARED));
  }

  /** The MESSAGE of a publication; `more` are headers of this one delivery. */
  frameOf(publication: Publication, more: readonly Header[]): SplitFrame {
    const { place, tail } = this.#tails.of(publication, this);
    return { head: this.#head + place + encodeHeaders(more, this.version), tail };
  }

  /** These frames, in order, in as few packets as may be. */
  packetsOf(frames: readonly SplitFrame[]): Packet[] {
    const packets: Packet[] = [];
    let bytes = 0;
    let from = 0;
    for (const [at, { head, tail }] of frames.entries()) {
      const more = head.length + tail.bytes;
      if (at > from && bytes + more > PACKET_BYTES_MAX) {
        packets.push(this.encoding.join(frames.slice(from, at)));
        bytes = 0;
        from = at;
      }
      bytes += more;
    }
    packets.push(this.encoding.join(from === 0 ? frames : frames.slice(from)));
    return packets;
  }

  #framesOf(publications: readonly Publication[], tails: SharedTails): SplitFrame[] {
    const first = this.#head;
    return publications.map((publication) => {
      const { place, tail } = tails.of(publication, this);
      return { head: first + place, tail };
    });
  }

  /** STOMP 1.0: a MESSAGE has a `subscription` header only if the client gave an id. */
  get #head(): string {
    const { subscriptionId } = this;
    this.#firstLines ??=
      subscriptionId === null
        ? 'MESSAGE\n'
        : `MESSAGE\n${h.SUBSCRIPTION}:${escapeHeader(subscriptionId, this.version)}\n`;
    return this.#firstLines;
  }
}

/** The format of one subscription of a session. */
export function formatOf(
  { encoding, version }: StompWire,
  tails: SharedTails,
  subscriptionId: string | null,
  destinationHeader: string | null,
): StompFormat {
  return new StompFormat({ destinationHeader, encoding, subscriptionId, version }, tails);
}

function keyOf(
  { name }: WireEncoding,
  version: StompVersion,
  destinationHeader: string | null,
  subscriptionId: string | null,
): string {
  // Quotes delimit the destination, so that no id can be taken for a part of it.
  const shown = destinationHeader === null ? '' : JSON.stringify(destinationHeader);
  // An empty id differs from a missing one.
  const named = subscriptionId === null ? '' : `=${subscriptionId}`;
  return `${name} ${version} ${shown}${named}`;
}
