import type { Packet } from '../packet.ts';

/** Heap bytes of a waiting write besides its packet: a request, a callback, a list element. */
const WRITE_BYTES = 512;
/** Packets up to this size count as this size, so that none is examined when it is released. */
const SMALL_BYTES = 512;
/** A buffer of this size or more is counted once, however many packets contain it. */
const SHARED_BYTES = 4 * 1_024;

/**
 * Counts the memory of unsent packets over all sessions: those in the streams of sockets, and
 * those that sessions hold back. Sessions share large buffers, which are therefore counted once.
 * Each `hold` needs a `release` with the same arguments.
 */
export class UnsentPackets {
  readonly #budget: { count(bytes: number): void };
  /** Reference counts of large buffers. */
  readonly #holds = new Map<unknown, number>();
  #bytes = 0;

  /** @param budget counts every change */
  constructor(budget: { count(bytes: number): void } = { count: () => undefined }) {
    this.#budget = budget;
  }

  /** The present number of bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes that are not shared. A negative number takes off bytes that no longer wait. */
  count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.count(bytes);
  }

  /** True if `holdSmall` and `releaseSmall` are enough for a packet. */
  isSmall(packet: Packet): boolean {
    return Buffer.isBuffer(packet) && packet.length <= SMALL_BYTES;
  }

  holdSmall(): void {
    this.count(WRITE_BYTES + SMALL_BYTES);
  }

  releaseSmall(): void {
    this.count(-WRITE_BYTES - SMALL_BYTES);
  }

  /** Counts a packet that begins to wait. */
  hold(packet: Packet): void {
    if (typeof packet === 'string' || Buffer.isBuffer(packet)) {
      this.holdPiece(packet, packet.length);
      return;
    }
    for (const piece of packet) this.holdPiece(piece, piece.length);
  }

  /** Takes off a packet that no longer waits. */
  release(packet: Packet): void {
    if (typeof packet === 'string' || Buffer.isBuffer(packet)) {
      this.releasePiece(packet, packet.length);
      return;
    }
    for (const piece of packet) this.releasePiece(piece, piece.length);
  }

  /** Counts bytes once for all holders of the same key. */
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
