import type { Packet } from '../packet.ts';

/** One subscriber's connection, as routing sees it: deliveries are written to it. */
export interface Outlet {
  /** Bytes that were written but not sent yet. */
  readonly bufferedBytes: number;
  /** Never blocks or throws. The packet is shared with other outlets and must not be changed. */
  write(packet: Packet): void;
  /** Coalesces small packets that are written in one tick, as a transport's `gather` does. */
  gather?(): void;
  /** Ends a subscriber that reads too slowly. */
  shed(): void;
}
