import { type Packet, wholePacket } from '../packet.ts';

/** First octets of frames with FIN set. */
const TEXT = 0x81;
const BINARY = 0x82;

/**
 * Decodes a packet for a WebSocket without SockJS (RFC 6455, 5.2) into the messages that its client
 * would get: text as a string, binary as octets, which are views of the packet. The broker sends only
 * unfragmented, unmasked text and binary frames.
 *
 * @throws Error if a frame is of another kind, or incomplete
 */
export function messagesIn(packet: Packet): (string | Buffer)[] {
  const bytes = wholePacket(packet);
  const messages: (string | Buffer)[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes.readUInt8(at);
    const { length, payloadAt } = headAt(bytes, at + 1);
    const payload = bytes.subarray(payloadAt, payloadAt + length);
    if ((first !== TEXT && first !== BINARY) || payload.length < length) {
      throw new Error('the broker wrote a WebSocket frame that no client would take');
    }
    messages.push(first === BINARY ? payload : payload.toString('utf8'));
    at = payloadAt + length;
  }
  return messages;
}

function headAt(
  bytes: Buffer,
  at: number,
): { readonly length: number; readonly payloadAt: number } {
  const short = bytes.readUInt8(at);
  if (short < 126) return { length: short, payloadAt: at + 1 };
  if (short === 126) return { length: bytes.readUInt16BE(at + 1), payloadAt: at + 3 };
  if (short === 127) return { length: Number(bytes.readBigUInt64BE(at + 1)), payloadAt: at + 9 };
  throw new Error('the broker wrote a masked WebSocket frame');
}
