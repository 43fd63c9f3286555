import {
  closeEnvelope,
  HEART_BEAT_ENVELOPE,
  messagesEnvelope,
  OPEN_ENVELOPE,
  parsePayload,
} from './sockjs-envelope.ts';
import { TextJoiner } from './text-joiner.ts';
import type { WireEncoding } from './transport.ts';
import { webSocketFrame, webSocketFrames } from './websocket-frame.ts';

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

const PLAIN: WireEncoding = {
  name: 'websocket',
  isTextOnly: false,
  wrap: webSocketFrames,
};

const SOCKJS: WireEncoding = {
  name: 'sockjs-websocket',
  isTextOnly: true,
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

function textFrame(text: string): Buffer {
  return webSocketFrame(Buffer.from(text), 'text');
}
