// From what was written on a wire back to the frames, by a way of its own: each as its octets,
// one character an octet, so that frames can be compared whole.

import { isUtf8 } from 'node:buffer';
import { type Packet, wholePacket } from '../../broker/packet.ts';

/** The frames in what was written on a wire of this name. Throws where it is not as it should be. */
export function unwrap(wire: string, packets: readonly Packet[]): string[] {
  const bytes = Buffer.concat(packets.map(wholePacket));
  switch (wire) {
    case 'websocket':
      return webSocketMessages(bytes).map(({ isText, payload }) => {
        if (isText !== isUtf8(payload))
          throw new Error('text is sent as binary, or binary as text');
        return theOneIn(payload);
      });
    case 'sockjs-websocket':
      return webSocketMessages(bytes).flatMap(({ isText, payload }) => {
        if (!isText) throw new Error('SockJS is text');
        return textsOf(payload.toString()).map((text) => theOneIn(Buffer.from(text)));
      });
    case 'sockjs-http':
      return framesOf(bytes, '');
    case 'tcp':
      return framesOf(bytes, '\n');
    default:
      throw new Error(`no wire is called ${wire}`);
  }
}

/** The header lines of a frame, as they are. */
export function linesOf(frame: string): string[] {
  return frame.slice(0, frame.indexOf('\n\n')).split('\n').slice(1);
}

/** The value of a header as it stands on the wire; the first one counts. */
export function rawHeader(frame: string, name: string): string | undefined {
  return linesOf(frame)
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1);
}

/** RFC 6455, 5.2, as a server sends: whole, unmasked, its length in the shortest form. */
function webSocketMessages(bytes: Buffer): { isText: boolean; payload: Buffer }[] {
  const messages: { isText: boolean; payload: Buffer }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const opcode = bytes.readUInt8(at);
    if (opcode !== 0x81 && opcode !== 0x82) throw new Error(`opcode ${opcode}`);
    const { length, next } = webSocketLength(bytes, at + 1);
    if (next + length > bytes.length) throw new Error('a WebSocket message is cut off');
    messages.push({ isText: opcode === 0x81, payload: bytes.subarray(next, next + length) });
    at = next + length;
  }
  return messages;
}

function webSocketLength(bytes: Buffer, at: number): { length: number; next: number } {
  const short = bytes.readUInt8(at);
  if (short < 126) return { length: short, next: at + 1 };
  const isLong = short === 127;
  const length = isLong ? Number(bytes.readBigUInt64BE(at + 1)) : bytes.readUInt16BE(at + 1);
  if (length < (isLong ? 65_536 : 126)) throw new Error('a length is longer than it must be');
  return { length, next: at + (isLong ? 9 : 3) };
}

function textsOf(envelope: string): string[] {
  if (!envelope.startsWith('a')) throw new Error(`a SockJS envelope ${envelope.slice(0, 20)}`);
  const texts: unknown = JSON.parse(envelope.slice(1));
  if (!Array.isArray(texts)) throw new Error('a SockJS envelope has no list');
  return texts.map(String);
}

function theOneIn(bytes: Buffer): string {
  const [frame, ...more] = framesOf(bytes, '');
  if (frame === undefined || more.length > 0) throw new Error('a message is not one frame');
  return frame;
}

/** @param after what follows each frame */
function framesOf(bytes: Buffer, after: string): string[] {
  const text = bytes.toString('latin1');
  const frames: string[] = [];
  let at = 0;
  while (at < text.length) {
    const bodyAt = text.indexOf('\n\n', at) + 2;
    if (bodyAt === 1) throw new Error('a frame has no end of its headers');
    const length = rawHeader(text.slice(at, bodyAt), 'content-length');
    const end = length === undefined ? text.indexOf('\0', bodyAt) : bodyAt + Number(length);
    if (text[end] !== '\0') throw new Error('a frame does not end with NUL');
    frames.push(text.slice(at, end + 1));
    if (!text.startsWith(after, end + 1)) throw new Error('something is missing after a frame');
    at = end + 1 + after.length;
  }
  return frames;
}
