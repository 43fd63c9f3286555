import type { Packet, WireEncoding } from '../packet.ts';

export type { Packet, WireEncoding };

/** A pipe to one client, which knows nothing of STOMP. Its methods never throw and never wait. */
export interface Transport {
  readonly encoding: WireEncoding;
  /** True if it was opened with an `Origin` header, as only browsers send it. */
  readonly isBrowser: boolean;
  /** True if it pings its peer, so that silence means that the peer is gone. */
  readonly isProbing: boolean;
  /** The address of the client; behind an untrusted proxy, that of the proxy. */
  readonly peer: string;
  /** Octets received, so that even part of a message is a sign of life. Always 0 if not counted. */
  readonly bytesIn: number;
  /** True while part of a message has arrived that the receiver was not given yet. */
  readonly isMidMessage: boolean;
  /** Bytes that are kept of an incomplete message; absent: none are. */
  readonly midMessageBytes?: number;
  /** Bytes that were written and have not left the process. */
  readonly bufferedBytes: number;
  /**
   * Changes whenever the peer takes some of the unsent bytes, so that a slow peer can be told from
   * one that takes nothing. Meaningless while nothing is unsent.
   */
  readonly bytesTaken: number;
  /** Packets that `write` has accepted; while the count grows, no heart-beat is owed. */
  readonly packetsOut: number;
  /** Writes a packet in the transport's encoding; after `close` packets are dropped. */
  write(packet: Packet): void;
  /**
   * Packets written until the end of the present tick leave together. Absent: each packet leaves by
   * itself.
   */
  gather?(): void;
  /**
   * The client has logged in: from here on the full message size is allowed. Absent: the transport
   * has no smaller limit before the login.
   */
  letIn?(): void;
  /**
   * Closes with a WebSocket close code once all packets are written. A peer that does not complete
   * the closing handshake is cut off when the linger time is over.
   */
  close(code: number, reason: string): void;
  /** Closes at once, and drops unsent packets. */
  cutOff(): void;
  /** Stops reading until `resume`; input that was read already may still arrive. */
  pause(): void;
  resume(): void;
}

/** Receives the events of a transport. Nothing follows `closed`. */
export interface Receiver {
  /** The next bytes, in order, cut anywhere. The receiver owns the chunk. */
  received(chunk: Buffer): void;
  /** The peer answered a ping, or showed in another way that it is alive. */
  alive(): void;
  /** Some of `bufferedBytes` has left, so there may be room again. */
  drained(): void;
  /** The peer will send nothing more, and may still read: a TCP half-close. */
  finished(): void;
  /** The connection has ended, from either side. Called exactly once. */
  closed(): void;
}

/** The HTTP request that opened the connection: a browser's cookies and tokens are in it. */
export interface Handshake {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Path and query of the request; empty over TCP. */
  readonly url: string;
}

/** Accepts a new connection, and returns its receiver. */
export type Accept = (transport: Transport, handshake: Handshake) => Receiver;
