import type { Writable } from 'node:stream';

/** Holds what is written to a socket until everything that can be done at once is done. */
export function gather(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/**
 * Writes to a socket that may gather. More than it likes to hold leaves at once: who is asked how
 * much is unsent shall not take what is only gathered for what the peer does not read.
 */
export function writeGathered(socket: Writable, packet: Buffer | string): void {
  if (socket.write(packet) || socket.writableCorked === 0) return;
  socket.uncork();
  socket.cork();
}
