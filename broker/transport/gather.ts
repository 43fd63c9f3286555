import type { Writable } from 'node:stream';
import type { DirectWriter } from './direct-write.ts';
import type { Receiver } from './transport.ts';

const GATHERED_MAX = 16 * 1_024;

/** Holds what is written to a socket until everything that can be done at once is done. */
export function gather(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** What a socket calls when a write of its stream is done, or can be no more. */
export type Left = (error?: Error | null) => void;

/**
 * Tells a receiver of room in a socket: on `drain`, which what others write brings about as well, and
 * after each write that is given what this returns. To `drain` alone it could listen for ever: a stream
 * tells that only where more had piled up than its own high water mark, and a session may have to
 * wait with less.
 */
export function tellOfRoom(socket: Writable, receiver: Receiver): Left {
  const left: Left = (error) => {
    if (!error) receiver.drained();
  };
  socket.on('drain', left);
  return left;
}

/**
 * Writes to a socket that may gather; `left` runs when what waits in its stream has left, and not
 * at all where nothing has to wait. Beyond 16 KiB what it holds leaves at once: who is asked how
 * much is unsent shall not take what is only gathered for what the peer does not read.
 */
export function writeGathered(
  socket: Writable,
  packet: Buffer | string,
  direct?: DirectWriter,
  left?: Left,
): void {
  const written = typeof packet === 'string' ? 0 : (direct?.write(packet) ?? 0);
  if (written > 0 && written === packet.length) return;
  socket.write(written === 0 ? packet : packet.slice(written), left);
  if (socket.writableCorked === 0 || socket.writableLength < GATHERED_MAX) return;
  socket.uncork();
  socket.cork();
}
