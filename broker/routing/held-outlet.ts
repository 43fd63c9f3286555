import type { UnsentPackets } from '../limits/unsent-packets.ts';
import { packetBytes } from '../packet.ts';
import type { StompVersion } from '../stomp/version.ts';
import type { Outlet, Packet, WireEncoding } from './outlet.ts';

/** The session that a HeldOutlet holds for, and where that is counted. */
export interface HeldFor {
  readonly limits: { readonly unsentBytesMax: number };
  readonly outlet: Outlet;
  readonly unsent: UnsentPackets;
  /** Bytes that wait for the session in all its subscriptions. */
  readonly waitingBytes: number;
  /** Counts bytes that wait; less than nothing: they wait no more. */
  waits(bytes: number): void;
}

/**
 * Keeps what is delivered until its session may write it, so that the RECEIPT of a SUBSCRIBE is
 * there before the first MESSAGE while earlier replies still wait for their commit. What is held by
 * all subscriptions of a session counts against what it may have unsent.
 */
export class HeldOutlet implements Outlet {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
  readonly #held: Packet[] = [];
  readonly #session: HeldFor;

  constructor(session: HeldFor) {
    this.encoding = session.outlet.encoding;
    this.version = session.outlet.version;
    this.#session = session;
  }

  get bufferedBytes(): number {
    return this.#session.waitingBytes + this.#session.outlet.bufferedBytes;
  }

  write(packet: Packet): void {
    this.#held.push(packet);
    this.#session.waits(packetBytes(packet));
    this.#session.unsent.hold(packet);
  }

  shed(): void {
    this.#session.outlet.shed();
  }

  /** Writes what was held, in order; the subscription then gets the outlet itself. */
  release(): Outlet {
    const { limits, outlet } = this.#session;
    for (const packet of this.#letGo()) {
      if (outlet.bufferedBytes <= limits.unsentBytesMax) outlet.write(packet);
    }
    return outlet;
  }

  /** Nothing of it will be written. */
  drop(): void {
    this.#letGo();
  }

  #letGo(): Packet[] {
    const held = this.#held.splice(0);
    for (const packet of held) {
      this.#session.waits(-packetBytes(packet));
      this.#session.unsent.release(packet);
    }
    return held;
  }
}
