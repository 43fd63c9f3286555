import type { Writable } from 'node:stream';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import { isInPieces, type Packet, packetBytes } from '../packet.ts';
import type { DirectWriter } from './direct-write.ts';
import type { Receiver } from './transport.ts';

const GATHERED_MAX = 16 * 1_024;

/**
 * Corks a socket until the next tick, so that what the program writes until then leaves together.
 */
export function gather(socket: Writable): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Runs when a write of the stream is complete, or has failed. */
export type Left = (error?: Error | null) => void;

/** Counts a packet that waits in a stream, and returns the callback for when it has left. */
export type Waits = (packet: Packet) => Left;

/**
 * Tells a receiver that a socket has room again: on `drain`, and after each write that is given the
 * callback which this returns. `drain` fires only above the stream's high-water mark, and a session
 * may have to wait with less than that unsent, so the write callback is used too.
 */
export function tellOfRoom(socket: Writable, receiver: Receiver, unsent: UnsentPackets): Waits {
  const told: Left = (error) => {
    if (!error) receiver.drained();
  };
  // All small packets share one function; otherwise each gathered RECEIPT would allocate its own.
  const smallLeft: Left = (error) => {
    unsent.releaseSmall();
    told(error);
  };
  socket.on('drain', told);
  return (packet) => {
    if (unsent.isSmall(packet)) {
      unsent.holdSmall();
      return smallLeft;
    }
    unsent.hold(packet);
    return (error) => {
      unsent.release(packet);
      told(error);
    };
  };
}

/**
 * Writes to a socket, and can gather small packets. `waits` is called only for a packet that has to
 * wait in the stream. More than 16 KiB are written at once, so that gathered packets are not
 * mistaken for packets that the peer does not read.
 */
export function writeGathered(
  socket: Writable,
  packet: Packet,
  direct?: DirectWriter,
  waits?: Waits,
): void {
  // The rest counts as the whole buffer, because a slice keeps all of it in memory.
  if (typeof packet === 'string') socket.write(packet, waits?.(packet));
  else if (isInPieces(packet)) {
    const written = direct?.writePieces(packet) ?? 0;
    if (written > 0 && written === packetBytes(packet)) return;
    writePieces(socket, packet, written, waits?.(packet));
  } else {
    const written = direct?.write(packet) ?? 0;
    if (written > 0 && written === packet.length) return;
    socket.write(restOf(packet, written), waits?.(packet));
  }
  if (socket.writableCorked === 0 || socket.writableLength < GATHERED_MAX) return;
  socket.uncork();
  socket.cork();
}

/** Writes all but the first `written` octets, in one system call if the system takes that much. */
function writePieces(
  socket: Writable,
  pieces: readonly Buffer[],
  written: number,
  left?: Left,
): void {
  socket.cork();
  let skip = written;
  for (const [at, piece] of pieces.entries()) {
    const isLast = at === pieces.length - 1;
    if (skip < piece.length) socket.write(restOf(piece, skip), isLast ? left : undefined);
    skip = Math.max(0, skip - piece.length);
  }
  socket.uncork();
}

function restOf(piece: Buffer, written: number): Buffer {
  return written === 0 ? piece : piece.subarray(written);
}
