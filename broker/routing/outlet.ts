import type { StompVersion } from '../stomp/version.ts';

/** What one write carries: bytes, or the text of a wire that takes nothing else. */
export type Packet = Buffer | string;

/** How STOMP frames go on one kind of wire; one object for all connections of that kind. */
export interface WireEncoding {
  readonly name: string;
  /** True where the wire has no way to carry octets that are no UTF-8. */
  readonly isTextOnly: boolean;
  /** Frames in order, ready to be written any number of times. */
  wrap(frames: readonly Buffer[]): Packet;
}

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
