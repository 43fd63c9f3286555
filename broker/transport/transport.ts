import type { Packet, WireEncoding } from '../packet.ts';

export type { Packet, WireEncoding };

/** A pipe to one client. It knows no STOMP. None of its methods throws or waits. */
export interface Transport {
  readonly encoding: WireEncoding;
  /** Opened with an `Origin` header, as only browsers do. */
  readonly isBrowser: boolean;
  /** True where it asks its peer for signs of life, so that silence means something. */
  readonly isProbing: boolean;
  /** The client's address; behind a proxy that is not trusted, the proxy's. */
  readonly peer: string;
  /** Counts every octet that came, so that half a message is a sign of life; 0: not counted. */
  readonly bytesIn: number;
  /** Part of a message came, which nobody was told of yet. */
  readonly isMidMessage: boolean;
  /** How many bytes of it are kept; absent: none are. */
  readonly midMessageBytes?: number;
  /** Bytes that were written and have not left the process. */
  readonly bufferedBytes: number;
  /**
   * Changes whenever the peer takes some of what waits, so that one that is slow is told from one
   * that takes nothing. It means nothing where nothing waits.
   */
  readonly bytesTaken: number;
  /** Counts the calls of `write` that were taken, so that a heart-beat knows whether one is owed. */
  readonly packetsOut: number;
  /** Takes a packet of its own encoding; after `close` it is dropped. */
  write(packet: Packet): void;
  /**
   * What is written from here on leaves together when the program has nothing more to do at once.
   * Absent: each packet leaves by itself.
   */
  gather?(): void;
  /**
   * Its peer has said who it is: from here on it may send messages of any size that is allowed.
   * Absent: the transport bounds no messages before that.
   */
  letIn?(): void;
  /**
   * Says goodbye after what was written before, with a WebSocket close code. A peer that does
   * not let it happen is cut off after a while.
   */
  close(code: number, reason: string): void;
  /** Ends it without a word more, and drops what was written and has not left yet. */
  cutOff(): void;
  /** Stops reading until `resume`; a little that was read already may still come. */
  pause(): void;
  resume(): void;
}

/** What a transport tells whoever took it. After `closed` it says nothing more. */
export interface Receiver {
  /** The next bytes, in order, cut anywhere; the chunk is given away. */
  received(chunk: Buffer): void;
  /** The peer is there, though it said nothing. */
  alive(): void;
  /** Some of what had piled up in `bufferedBytes` has left: there may be room again. */
  drained(): void;
  /** The peer has said all it will say, and may still listen: a TCP client's half-close. */
  finished(): void;
  /** The connection has ended, by whichever side. Exactly once. */
  closed(): void;
}

/** What came before the first frame: where a browser's cookies and tokens are. */
export interface Handshake {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Path and query of the request; empty over TCP. */
  readonly url: string;
}

/** Takes a new connection over. */
export type Accept = (transport: Transport, handshake: Handshake) => Receiver;
