import { isUtf8 } from 'node:buffer';

const TEXT = 0x81;
const BINARY = 0x82;

/**
 * Encodes an unmasked, unfragmented WebSocket message, as servers send it (RFC 6455, 5.2). `ws` is
 * not used for it, so that the same bytes can be written to any number of sockets.
 */
export function webSocketFrame(payload: Buffer, type: 'text' | 'binary'): Buffer {
  const frame = Buffer.allocUnsafe(headLength(payload.length) + payload.length);
  put(frame, 0, payload, type);
  return frame;
}

/** Encodes several messages in a row: text where the payload is valid UTF-8, otherwise binary. */
export function webSocketFrames(payloads: readonly Buffer[]): Buffer {
  let length = 0;
  for (const payload of payloads) length += headLength(payload.length) + payload.length;
  const frames = Buffer.allocUnsafe(length);
  let at = 0;
  for (const payload of payloads)
    at = put(frames, at, payload, isUtf8(payload) ? 'text' : 'binary');
  return frames;
}

/** Encodes the head of a message with a payload of this length. */
export function webSocketHead(length: number, type: 'text' | 'binary'): Buffer {
  const head = Buffer.allocUnsafe(headLength(length));
  putHead(head, 0, length, type);
  return head;
}

function headLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Writes one message at `at`; returns its end. */
function put(frames: Buffer, at: number, payload: Buffer, type: 'text' | 'binary'): number {
  const { length } = payload;
  const bodyAt = putHead(frames, at, length, type);
  frames.set(payload, bodyAt);
  return bodyAt + length;
}

function putHead(frames: Buffer, at: number, length: number, type: 'text' | 'binary'): number {
  const head = headLength(length);
  frames[at] = type === 'text' ? TEXT : BINARY;
  if (head === 2) {
    frames[at + 1] = length;
  } else if (head === 4) {
    frames[at + 1] = 126;
    frames.writeUInt16BE(length, at + 2);
  } else {
    frames[at + 1] = 127;
    frames.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + head;
}
