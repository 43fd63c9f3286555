import type { Writable } from 'node:stream';

/** Holds what is written to a socket until everything that can be done at once is done. */
export function gather(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}
