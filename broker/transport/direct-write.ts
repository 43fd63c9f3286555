// One system call is what a delivery has to cost, and around it a socket's stream costs a fifth as
// much again: objects for each write, a tick after it, some cache misses. A socket that has nothing
// else to send needs none of that, so the packet is written to its descriptor.

import { writeSync, writevSync } from 'node:fs';
import { Socket } from 'node:net';

/** What a socket has while it is open, and Node has no name for. */
interface Handle {
  /** The descriptor; none, or below 0, where the system has no such thing. */
  readonly fd?: number;
}

interface Open {
  readonly _handle?: Handle | null;
}

/** Writes to one connected socket. */
export class DirectWriter {
  readonly #descriptor: number;
  readonly #handle: Handle | null;
  readonly #socket: Socket & Open;

  constructor(socket: Socket) {
    this.#socket = socket;
    // What has a class of its own, as one under TLS, must not be written past.
    const handle = socket.constructor === Socket ? (this.#socket._handle ?? null) : null;
    this.#descriptor = handle?.fd ?? -1;
    this.#handle = this.#descriptor < 0 ? null : handle;
  }

  /**
   * Writes as much of a packet as the system takes at once, and gives how many octets that is. 0
   * where the stream has to do it: other octets wait before these, or the socket is gone, or none
   * that takes octets as they are.
   */
  write(packet: Buffer): number {
    if (this.#mustWait) return 0;
    try {
      return writeSync(this.#descriptor, packet, 0, packet.length, null);
    } catch {
      // It takes none now, or never again: the stream waits, or finds out why.
      return 0;
    }
  }

  /** The same for a packet in several pieces. */
  writePieces(pieces: readonly Buffer[]): number {
    if (this.#mustWait) return 0;
    try {
      return writevSync(this.#descriptor, pieces);
    } catch {
      return 0;
    }
  }

  get #mustWait(): boolean {
    const socket = this.#socket;
    // Closed, it has another handle or none, and its descriptor may be somebody else's by now.
    if (this.#handle === null || socket._handle !== this.#handle) return true;
    return socket.writableLength > 0 || socket.writableCorked > 0;
  }
}
