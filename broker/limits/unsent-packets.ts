import type { Packet } from '../packet.ts';

/** What a write that waits costs besides its bytes: a request, a callback, a place in a list. */
const WRITE_BYTES = 512;
/** A packet up to here is counted as one of this size, which needs no look at it when it leaves. */
const SMALL_BYTES = 512;
/** A piece from here on is counted once, however many packets it is part of. */
const SHARED_BYTES = 4 * 1_024;

/**
 * The memory that unsent packets take, over all sessions: what waits in the streams of sockets, and
 * what sessions hold back. Many wait with the same bytes, which are in memory once and are counted
 * once. Everything that is held must be released, with the same arguments.
 */
export class UnsentPackets {
  readonly #budget: { count(bytes: number): void };
  /** How often each large piece is held. */
  readonly #holds = new Map<unknown, number>();
  #bytes = 0;

  /** @param budget is told of every change */
  constructor(budget: { count(bytes: number): void } = { count: () => undefined }) {
    this.#budget = budget;
  }

  /** Bytes that are counted now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts bytes that nobody shares; a negative number: they wait no more. */
  count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.count(bytes);
  }

  /** Whether `holdSmall` and `releaseSmall` do for a packet. */
  isSmall(packet: Packet): boolean {
    return Buffer.isBuffer(packet) && packet.length <= SMALL_BYTES;
  }

  holdSmall(): void {
    this.count(WRITE_BYTES + SMALL_BYTES);
  }

  releaseSmall(): void {
    this.count(-WRITE_BYTES - SMALL_BYTES);
  }

  /** Counts a packet that waits from now on. */
  hold(packet: Packet): void {
    if (typeof packet === 'string' || Buffer.isBuffer(packet)) {
      this.holdPiece(packet, packet.length);
      return;
    }
    for (const piece of packet) this.holdPiece(piece, piece.length);
  }

  /** It waits no more. */
  release(packet: Packet): void {
    if (typeof packet === 'string' || Buffer.isBuffer(packet)) {
      this.releasePiece(packet, packet.length);
      return;
    }
    for (const piece of packet) this.releasePiece(piece, piece.length);
  }

  /** Counts what is in memory once for all that hold this very key. */
  holdPiece(key: unknown, bytes: number): void {
    if (bytes < SHARED_BYTES) {
      this.count(WRITE_BYTES + bytes);
      return;
    }
    const holds = this.#holds.get(key) ?? 0;
    this.#holds.set(key, holds + 1);
    this.count(holds === 0 ? WRITE_BYTES + bytes : WRITE_BYTES);
  }

  releasePiece(key: unknown, bytes: number): void {
    if (bytes < SHARED_BYTES) {
      this.count(-WRITE_BYTES - bytes);
      return;
    }
    const holds = this.#holds.get(key) ?? 0;
    if (holds > 1) this.#holds.set(key, holds - 1);
    else this.#holds.delete(key);
    this.count(holds > 1 ? -WRITE_BYTES : -WRITE_BYTES - bytes);
  }
}
