import { type Packet, wholePacket } from '../packet.ts';

const BINARY = 2;

/**
 * Decodes a packet for a plain WebSocket (RFC 6455, 5.2) into messages as its client would get
 * them: text as a string, binary as octets. The broker neither fragments nor masks them.
 */
export function messagesIn(packet: Packet): (string | Buffer)[] {
  const bytes = wholePacket(packet);
  const messages: (string | Buffer)[] = [];
  let at = 0;
  while (at < bytes.length) {
    const opcode = bytes.readUInt8(at) & 0x0f;
    const { bodyAt, length } = lengthAt(bytes, at + 1);
    const body = bytes.subarray(bodyAt, bodyAt + length);
    messages.push(opcode === BINARY ? body : body.toString('utf8'));
    at = bodyAt + length;
  }
  return messages;
}

function lengthAt(bytes: Buffer, at: number): { readonly bodyAt: number; readonly length: number } {
  const short = bytes.readUInt8(at);
  if (short < 126) return { bodyAt: at + 1, length: short };
  if (short === 126) return { bodyAt: at + 3, length: bytes.readUInt16BE(at + 1) };
  return { bodyAt: at + 9, length: Number(bytes.readBigUInt64BE(at + 1)) };
}
