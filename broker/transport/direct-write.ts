// A delivery cannot cost less than one system call. A socket's stream adds a fifth to that: objects
// for each write, a tick after it, some cache misses. A socket with nothing else to send needs none
// of this, so its packet is written straight to the descriptor.

import { writeSync, writevSync } from 'node:fs';
import { Socket } from 'node:net';

/** The internals of an open socket, for which Node has no public API. */
interface Handle {
  /** The descriptor; missing or negative where the system has none. */
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
    // A socket of another class, such as one under TLS, transforms its octets: no bypass.
    const handle = socket.constructor === Socket ? (this.#socket._handle ?? null) : null;
    this.#descriptor = handle?.fd ?? -1;
    this.#handle = this.#descriptor < 0 ? null : handle;
  }

  /**
   * Writes as much of a packet as the system takes at once, and returns the number of octets.
   * Returns 0 where the stream must write instead: other octets wait before these, or the socket is
   * closed, or it transforms its octets.
   */
  write(packet: Buffer): number {
    if (this.#mustWait) return 0;
    try {
      return writeSync(this.#descriptor, packet, 0, packet.length, null);
    } catch {
      // The socket is full or broken: the stream waits until it drains, or reports the error.
      return 0;
    }
  }

  /** As `write`, for a packet in several pieces. */
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
    // After a close the handle is gone, and the descriptor may belong to another file by now.
    if (this.#handle === null || socket._handle !== this.#handle) return true;
    return socket.writableLength > 0 || socket.writableCorked > 0;
  }
}
