import type { StompVersion } from '../stomp/version.ts';
import type { Outlet, Packet, WireEncoding } from './outlet.ts';

/**
 * Keeps what is delivered until its session may write it, so that the RECEIPT of a SUBSCRIBE is
 * there before the first MESSAGE while earlier replies still wait for their commit.
 */
export class HeldOutlet implements Outlet {
  readonly encoding: WireEncoding;
  readonly version: StompVersion;
  readonly #outlet: Outlet;
  readonly #held: Packet[] = [];
  #heldBytes = 0;

  constructor(outlet: Outlet) {
    this.encoding = outlet.encoding;
    this.version = outlet.version;
    this.#outlet = outlet;
  }

  get bufferedBytes(): number {
    return this.#heldBytes + this.#outlet.bufferedBytes;
  }

  write(packet: Packet): void {
    this.#held.push(packet);
    this.#heldBytes += Buffer.byteLength(packet);
  }

  shed(): void {
    this.#outlet.shed();
  }

  /** Writes what was held, in order; the subscription then gets the outlet itself. */
  release(): Outlet {
    for (const packet of this.#held) this.#outlet.write(packet);
    return this.#outlet;
  }
}
