import type { Socket } from 'node:net';

/** The internals of an open socket, for which Node has no public API. */
interface Handle {
  /** Bytes that the stream has passed on, including those that wait for the system. */
  readonly bytesWritten?: number;
  /** Bytes of those that the system has not taken. */
  readonly writeQueueSize?: number;
}

/**
 * The number of bytes that the system has taken from a socket's stream. It grows whenever the peer
 * reads, even in the middle of a large write, where `writableLength` changes only at the end.
 */
export function takenBytes(socket: Socket & { readonly _handle?: Handle | null }): number {
  const { bytesWritten, writeQueueSize } = socket._handle ?? {};
  if (bytesWritten !== undefined && writeQueueSize !== undefined) {
    return bytesWritten - writeQueueSize;
  }
  return socket.bytesWritten - socket.writableLength;
}
