// The contract between routing and those who make the bytes of a delivery. Each subscription
// brings a format, and routing shares its packets among subscriptions. STOMP's formats are in
// `session/formats/`.

import type { Publication } from '../engine/engine.ts';
import type { Packet } from '../packet.ts';

/**
 * A packet has no more octets than about this, unless a single message is larger: between two
 * packets a subscriber is asked whether it has room.
 */
export const PACKET_BYTES_MAX = 256 * 1_024;

/** Encodes publications for a subscription. */
export interface MessageFormat {
  /**
   * Formats with the same key make the same bytes of a publication, so their subscribers share
   * them.
   */
  readonly key: string | object;
  /**
   * All publications, in order, in as few packets as `PACKET_BYTES_MAX` allows. Never throws. It
   * runs once per batch for all subscribers of a destination with this key.
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
 * Parts of encodings that different formats share. The fan-out says when the delivery of a batch
 * begins and ends, so that nothing is kept for longer.
 */
export interface EncodingCache {
  /** Encodings of these publications are shared from here on, until `forget`. */
  keep(batch: readonly Publication[]): void;
  forget(): void;
}
