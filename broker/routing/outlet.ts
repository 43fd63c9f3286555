import type { Packet } from '../packet.ts';

/** One subscriber's connection, as routing sees it: deliveries are written to it. */
export interface Outlet {
  /** Bytes that were written and are not sent yet. */
  readonly bufferedBytes: number;
  /** Never waits and never throws; the packet is shared with others and stays as it is. */
  write(packet: Packet): void;
  /** Lets small packets that follow each other leave together, as a transport's `gather` does. */
  gather?(): void;
  /** Ends a subscriber that reads too slowly. */
  shed(): void;
}
