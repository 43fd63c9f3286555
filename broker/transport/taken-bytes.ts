import type { Socket } from 'node:net';

/** What a socket has while it is open, and Node has no name for. */
interface Handle {
  /** Bytes that the stream has handed over, those that wait for the system included. */
  readonly bytesWritten?: number;
  /** Bytes of them that the system has not taken. */
  readonly writeQueueSize?: number;
}

/**
 * How many bytes the system has taken from a socket's stream. It grows whenever the peer takes some of
 * what waits, in the middle of a large write too, where `writableLength` only changes at its end.
 */
export function takenBytes(socket: Socket & { readonly _handle?: Handle | null }): number {
  const { bytesWritten, writeQueueSize } = socket._handle ?? {};
  if (bytesWritten !== undefined && writeQueueSize !== undefined) {
    return bytesWritten - writeQueueSize;
  }
  return socket.bytesWritten - socket.writableLength;
}
