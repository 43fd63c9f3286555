import type { UnsentPackets } from '../limits/unsent-packets.ts';
import { type Packet, packetBytes } from '../packet.ts';
import type { Outlet } from './outlet.ts';

/** The outlet of a session that packets are held for, which counts them. */
export interface HoldingOutlet extends Outlet {
  /** Bytes that are held back for the session, over all its subscriptions. */
  readonly heldBytes: number;
  readonly unsent: UnsentPackets;
  readonly unsentBytesMax: number;
  /** Counts bytes that are held back. */
  hold(bytes: number): void;
  /** The bytes are held back no more. */
  release(bytes: number): void;
}

/**
 * Holds packets back until their session may write them. The RECEIPT of a SUBSCRIBE thus precedes
 * the first MESSAGE even while earlier replies wait for their commit. Bytes that are held by all
 * subscriptions of a session count towards its limit of unsent bytes.
 */
export class HeldOutlet implements Outlet {
  readonly #held: Packet[] = [];
  readonly #outlet: HoldingOutlet;

  constructor(outlet: HoldingOutlet) {
    this.#outlet = outlet;
  }

  get bufferedBytes(): number {
    return this.#outlet.heldBytes + this.#outlet.bufferedBytes;
  }

  write(packet: Packet): void {
    this.#held.push(packet);
    this.#outlet.hold(packetBytes(packet));
    this.#outlet.unsent.hold(packet);
  }

  shed(): void {
    this.#outlet.shed();
  }

  /** Writes the held packets, in order; from then on the subscription uses the outlet itself. */
  release(): Outlet {
    const outlet = this.#outlet;
    for (const packet of this.#letGo()) {
      if (outlet.bufferedBytes <= outlet.unsentBytesMax) outlet.write(packet);
    }
    return outlet;
  }

  /** Drops the held packets. */
  drop(): void {
    this.#letGo();
  }

  #letGo(): Packet[] {
    const held = this.#held.splice(0);
    for (const packet of held) {
      this.#outlet.release(packetBytes(packet));
      this.#outlet.unsent.release(packet);
    }
    return held;
  }
}
