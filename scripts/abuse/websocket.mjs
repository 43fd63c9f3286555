// As much of WebSocket as an attacker needs, who also has to break it.

const CLOSE = 8;
const BINARY = 2;
const TEXT = 1;
const CONTINUATION = 0;

export const binaryMessage = (payload) => webSocketFrame(BINARY, payload);
export const textMessage = (text) => webSocketFrame(TEXT, Buffer.from(text));
export const firstFragment = (payload) => webSocketFrame(BINARY, payload, false);
export const nextFragment = (payload) => webSocketFrame(CONTINUATION, payload, false);
export const ping = (payload) => webSocketFrame(9, payload);

/** Masked by zeros: the payload is itself. */
export function webSocketFrame(opcode, payload, isLast = true) {
  const first = Buffer.of((isLast ? 0x80 : 0) | opcode);
  return Buffer.concat([first, sizeOf(payload.length), Buffer.alloc(4), payload]);
}

function sizeOf(length) {
  if (length < 126) return Buffer.of(0x80 | length);
  const size = Buffer.alloc(length < 65_536 ? 3 : 9);
  const octets = size.length - 1 < 8 ? 2 : 6;
  size[0] = 0x80 | (octets === 2 ? 126 : 127);
  size.writeUIntBE(length, size.length - octets, octets);
  return size;
}

/** The payloads of the whole data messages, what is left, and the code of a close among them. */
export function unwrapMessages(bytes) {
  const payloads = [];
  let closeCode = null;
  let at = 0;
  for (;;) {
    const head = headAt(bytes, at);
    if (head === null || head.end > bytes.length) break;
    const payload = bytes.subarray(head.from, head.end);
    if (head.opcode === CLOSE) closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    else if (head.opcode < CLOSE) payloads.push(payload);
    at = head.end;
  }
  return { payloads, rest: bytes.subarray(at), closeCode };
}

function headAt(bytes, at) {
  if (bytes.length < at + 2) return null;
  const short = bytes[at + 1] & 127;
  const octets = short < 126 ? 0 : short === 126 ? 2 : 8;
  const from = at + 2 + octets;
  if (bytes.length < from) return null;
  const length =
    octets === 0 ? short : bytes.readUIntBE(from - Math.min(octets, 6), Math.min(octets, 6));
  return { opcode: bytes[at] & 15, from, end: from + length };
}
