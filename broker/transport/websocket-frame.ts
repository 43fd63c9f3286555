const TEXT = 0x81;
const BINARY = 0x82;

/**
 * An unmasked, unfragmented WebSocket message as a server sends it (RFC 6455, 5.2). Made here
 * and not by `ws`, so that the same bytes can be written to any number of sockets.
 */
export function webSocketFrame(payload: Buffer, type: 'text' | 'binary'): Buffer {
  const { length } = payload;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = type === 'text' ? TEXT : BINARY;
  if (head === 2) {
    frame[1] = length;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(frame, head);
  return frame;
}
