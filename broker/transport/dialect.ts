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

/** What a WebSocket carries: STOMP as it is, or in the envelopes of SockJS. */
export interface Dialect {
  readonly encoding: WireEncoding;
  /** Said first of all. */
  readonly opening: Buffer | null;
  /** Said from time to time. */
  readonly heartBeat: Buffer | null;
  /** The code and reason for the close frame, after what must be said before it. */
  goodbye(code: number, reason: string): { readonly last: Buffer | null; readonly code: number };
  /** The octets of each message in a payload; `null`: it is broken. */
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
/** A SockJS client reads the reason in the envelope; the WebSocket itself closes normally. */
const NORMAL_CLOSURE = 1000;

/** Text and binary messages carry the same octets; one may hold any part of any number of frames. */
export const PLAIN_DIALECT: Dialect = {
  encoding: PLAIN,
  opening: null,
  heartBeat: null,
  goodbye: (code) => ({ last: null, code }),
  read: (payload) => [payload],
};

/** One per connection: a text may be cut between two messages. */
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

/** One message with all frames as its texts: a[".",".","."]. */
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
