import type { Writable } from 'node:stream';
import type { DirectWriter } from './direct-write.ts';

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
export function writeGathered(
  socket: Writable,
  packet: Buffer | string,
  direct?: DirectWriter,
): void {
  const written = typeof packet === 'string' ? 0 : (direct?.write(packet) ?? 0);
  if (written > 0 && written === packet.length) return;
  socket.write(written === 0 ? packet : packet.slice(written));
  if (socket.writableCorked === 0 || socket.writableLength < GATHERED_MAX) return;
  socket.uncork();
  socket.cork();
}
