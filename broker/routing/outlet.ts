import type { Packet } from '../packet.ts';

/** Where deliveries are written: one subscriber's connection, as routing sees it. */
export interface Outlet {
  /** Bytes that were written and have not left yet. */
  readonly bufferedBytes: number;
  /** Never waits and never throws; the packet is shared with others and stays as it is. */
  write(packet: Packet): void;
  /** As of a transport: small packets that come one after the other leave together. */
  gather?(): void;
  /** Ends a subscriber that does not take what it is sent. */
  shed(): void;
}
