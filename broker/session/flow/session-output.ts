// The output of one session. Routing writes packets to it, and checks `bufferedBytes` itself. The
// session's own frames go through `offer` and `say`, which shed a client that does not read.
// Packets that subscriptions hold back count towards the same limit as those in the socket.

import type { UnsentPackets } from '../../limits/unsent-packets.ts';
import type { Packet, WireEncoding } from '../../packet.ts';
import type { HoldingOutlet } from '../../routing/held-outlet.ts';
import { encodeFrame } from '../../stomp/encoder.ts';
import type { ServerFrame } from '../../stomp/frame.ts';
import type { StompVersion } from '../../stomp/version.ts';
import type { Transport } from '../../transport/transport.ts';
import type { StompWire } from '../formats/stomp-format.ts';

export interface SessionOutputOptions {
  /** Bytes that may wait, in the socket and held back, before the session is shed. */
  readonly unsentBytesMax: number;
  readonly unsent: UnsentPackets;
}

export class SessionOutput implements HoldingOutlet, StompWire {
  readonly unsent: UnsentPackets;
  readonly unsentBytesMax: number;
  readonly #session: { shed(): void };
  readonly #transport: Transport;
  #heldBytes = 0;
  #version: StompVersion = '1.2';

  /** @param session is shed when its client does not read */
  constructor(
    transport: Transport,
    { unsent, unsentBytesMax }: SessionOutputOptions,
    session: { shed(): void },
  ) {
    this.#transport = transport;
    this.unsent = unsent;
    this.unsentBytesMax = unsentBytesMax;
    this.#session = session;
  }

  get encoding(): WireEncoding {
    return this.#transport.encoding;
  }

  /** The version that frames are written in; 1.2 until the CONNECT has settled on one. */
  get version(): StompVersion {
    return this.#version;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Bytes that the session's subscriptions hold back until they may be written. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True when more bytes than allowed wait, in the socket and held back. */
  get isOverfull(): boolean {
    return this.#heldBytes + this.#transport.bufferedBytes > this.unsentBytesMax;
  }

  /** From here on frames are written in this version. */
  speak(version: StompVersion): void {
    this.#version = version;
  }

  write(packet: Packet): void {
    this.#transport.write(packet);
  }

  gather(): void {
    this.#transport.gather?.();
  }

  shed(): void {
    this.#session.shed();
  }

  /** Counts bytes that a subscription holds back. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
  }

  /** The bytes are held back no more: they were written or dropped. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** Writes a packet unless too much waits already. Either way an overfull session is shed. */
  offer(packet: Packet): void {
    if (!this.isOverfull) this.write(packet);
    // A client that never reads its RECEIPTs is as slow as one that never reads its messages.
    if (this.isOverfull) this.shed();
  }

  /** Offers a frame now. Frames that must keep their order among replies go through `Replies`. */
  say(frame: ServerFrame): void {
    this.offer(this.encoding.wrap([encodeFrame(frame, this.#version)]));
  }
}
