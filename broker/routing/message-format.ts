// What routing must know about the bytes of a delivery: which subscriptions may share them, and who
// makes them. A subscription brings its format; STOMP's are in `session/formats/`.

import type { Publication } from '../engine/engine.ts';
import type { Packet } from '../packet.ts';

/**
 * A packet has no more octets than about this, unless a single message is larger: between two
 * packets a subscriber is asked whether it has room.
 */
export const PACKET_BYTES_MAX = 256 * 1_024;

/** How a subscription wants its publications encoded. */
export interface MessageFormat {
  /** Formats with the same key make the same bytes of a publication, so their subscribers share them. */
  readonly key: string | object;
  /**
   * All publications, in order, in as few packets as `PACKET_BYTES_MAX` allows. Never throws. It runs
   * once per batch for all subscribers of a destination with this key.
   */
  encode(publications: readonly Publication[]): readonly Packet[];
}

/** A format whose pages of a history can be kept for later readers. */
export interface PageFormat extends MessageFormat {
  readonly key: string;
  /** All publications, in order, in one packet, however large. */
  encodePage(publications: readonly Publication[]): Packet;
}

/**
 * What different formats share of the encodings of a batch. The fan-out says when a batch is there
 * and when it is delivered, so that nothing is kept for longer.
 */
export interface EncodingCache {
  /** Encodings of these publications are shared from here on, until `forget`. */
  keep(batch: readonly Publication[]): void;
  forget(): void;
}
