import type { SplitFrame } from '../packet.ts';
import { FrameTail, PacketBuilder } from './packet-builder.ts';
import {
  closeEnvelope,
  HEART_BEAT_ENVELOPE,
  insideOfText,
  messagesEnvelope,
  OPEN_ENVELOPE,
  parsePayload,
} from './sockjs/sockjs-envelope.ts';
import { TextJoiner } from './sockjs/text-joiner.ts';
import type { Packet, WireEncoding } from './transport.ts';
import { webSocketFrame, webSocketFrames, webSocketHead } from './websocket-frame.ts';

/** The protocol in a WebSocket's messages: plain STOMP, or STOMP in SockJS envelopes. */
export interface Dialect {
  readonly encoding: WireEncoding;
  /** The first message to the client. */
  readonly opening: Buffer | null;
  /** A heart-beat of the dialect, sent periodically. */
  readonly heartBeat: Buffer | null;
  /** The code and reason for the close frame, and a message to send before it. */
  goodbye(code: number, reason: string): { readonly last: Buffer | null; readonly code: number };
  /** The octets of each message in a payload; `null`: the payload is malformed. */
  read(payload: Buffer): readonly Buffer[] | null;
}

const NUL = Buffer.of(0);
const NOTHING = Buffer.alloc(0);
const END_OF_ENVELOPE = Buffer.from('"]');

const PLAIN: WireEncoding = {
  name: 'websocket',
  isTextOnly: false,
  join: joinMessages,
  prepare: (lines, body) => new FrameTail(lines, body, NUL),
  wrap: webSocketFrames,
};

const SOCKJS: WireEncoding = {
  name: 'sockjs-websocket',
  isTextOnly: true,
  join: joinEnvelope,
  prepare: (lines, body) => new FrameTail(insideOfText(lines, body, '\0'), NOTHING, NOTHING),
  wrap: (frames) => textFrame(messagesEnvelope(frames.map((frame) => frame.toString('utf8')))),
};

const SOCKJS_OPENING = textFrame(OPEN_ENVELOPE);
const SOCKJS_HEART_BEAT = textFrame(HEART_BEAT_ENVELOPE);
/** A SockJS client reads the reason from the envelope; the WebSocket itself closes normally. */
const NORMAL_CLOSURE = 1000;

/**
 * Text and binary messages carry the same octets; one may hold any part of any number of frames.
 */
export const PLAIN_DIALECT: Dialect = {
  encoding: PLAIN,
  opening: null,
  heartBeat: null,
  goodbye: (code) => ({ last: null, code }),
  read: (payload) => [payload],
};

/** Each connection needs its own: a text may be split across two messages. */
export function sockJsDialect(): Dialect {
  const joiner = new TextJoiner();
  return {
    encoding: SOCKJS,
    opening: SOCKJS_OPENING,
    heartBeat: SOCKJS_HEART_BEAT,
    goodbye: (code, reason) => ({
      last: textFrame(closeEnvelope(code, reason)),
      code: NORMAL_CLOSURE,
    }),
    read(payload) {
      // SockJS protocol 0.3.3, "WebSocket": an empty message is ignored.
      if (payload.length === 0) return [];
      const parsed = parsePayload(payload.toString('utf8'));
      return parsed.type === 'texts' ? parsed.texts.map((text) => joiner.join(text)) : null;
    },
  };
}

function joinMessages(frames: readonly SplitFrame<FrameTail>[]): Packet {
  const builder = new PacketBuilder();
  for (const { head, tail } of frames) {
    const headBytes = Buffer.byteLength(head);
    builder.octets(webSocketHead(headBytes + tail.bytes, tail.isText ? 'text' : 'binary'));
    builder.frame(head, headBytes, tail);
  }
  return builder.packet();
}

/** One message that carries all frames as its texts: a[".",".","."]. */
function joinEnvelope(frames: readonly SplitFrame<FrameTail>[]): Packet {
  const heads = frames.map(({ head }, at) => `${at === 0 ? 'a["' : '","'}${insideOfText(head)}`);
  const headsBytes = heads.map((head) => Buffer.byteLength(head));
  let length = END_OF_ENVELOPE.length;
  for (const [at, { tail }] of frames.entries()) length += (headsBytes[at] ?? 0) + tail.bytes;
  const builder = new PacketBuilder();
  builder.octets(webSocketHead(length, 'text'));
  for (const [at, { tail }] of frames.entries()) {
    builder.frame(heads[at] ?? '', headsBytes[at] ?? 0, tail);
  }
  builder.octets(END_OF_ENVELOPE);
  return builder.packet();
}

function textFrame(text: string): Buffer {
  return webSocketFrame(Buffer.from(text), 'text');
}
