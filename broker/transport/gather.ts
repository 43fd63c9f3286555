import type { Writable } from 'node:stream';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import { isInPieces, type Packet, packetBytes } from '../packet.ts';
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

/** Counts a packet that waits in a stream; what it returns runs once, when the packet has left. */
export type Waits = (packet: Packet) => Left;

/**
 * Tells a receiver of room in a socket: on `drain`, which what others write brings about as well, and
 * after each write that is given what this returns for its packet. To `drain` alone it could listen
 * for ever: a stream tells that only where more had piled up than its own high water mark, and a
 * session may have to wait with less.
 */
export function tellOfRoom(socket: Writable, receiver: Receiver, unsent: UnsentPackets): Waits {
  const told: Left = (error) => {
    if (!error) receiver.drained();
  };
  // One function for all small packets: RECEIPTs that are gathered would each make one.
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
 * Writes to a socket that may gather; `waits` is asked where a packet has to wait in its stream, and
 * not at all where it has not. Beyond 16 KiB what it holds leaves at once: who is asked how much is
 * unsent shall not take what is only gathered for what the peer does not read.
 */
export function writeGathered(
  socket: Writable,
  packet: Packet,
  direct?: DirectWriter,
  waits?: Waits,
): void {
  // What is left is counted whole: a part of a buffer keeps all of it in memory.
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

/** All but the first `written` octets, in one write of the system if it takes that. */
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
