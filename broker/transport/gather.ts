import type { Writable } from 'node:stream';

const GATHERED_MAX = 16 * 1_024;

/** Holds what is written to a socket until everything that can be done at once is done. */
export function gather(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/**
 * Writes to a socket that may gather. Beyond 16 KiB what it holds leaves at once: who is asked how
 * much is unsent shall not take what is only gathered for what the peer does not read.
 */
export function writeGathered(socket: Writable, packet: Buffer | string): void {
  socket.write(packet);
  if (socket.writableCorked === 0 || socket.writableLength < GATHERED_MAX) return;
  socket.uncork();
  socket.cork();
}
