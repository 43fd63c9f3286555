import type { Packet, WireEncoding } from '../packet.ts';
import type { StompVersion } from '../stomp/version.ts';

export type { Packet, WireEncoding };

/** Where deliveries go: one session, as routing sees it. */
export interface Outlet {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
  /** Bytes that were written and have not left yet. */
  readonly bufferedBytes: number;
  /** Never waits and never throws; the packet is shared with others and stays as it is. */
  write(packet: Packet): void;
  /** As of a transport: small packets that come one after the other leave together. */
  gather?(): void;
  /** Ends a session that does not take what it is sent. */
  shed(): void;
}
