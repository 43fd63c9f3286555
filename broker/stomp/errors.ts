/** The protocol errors, by code. Codes are stable, texts are not. */
export const PROTOCOL_ERRORS = {
  ALREADY_CONNECTED: 'the session is connected already',
  BAD_ACK_MODE: 'ack must be auto, client or client-individual',
  BAD_CONTENT_LENGTH: 'content-length must be a number of octets',
  BAD_HEART_BEAT: 'heart-beat must be two non-negative integers with a comma between them',
  BAD_PATTERN: 'this pattern cannot be subscribed to',
  BAD_PREFETCH_COUNT: 'prefetch-count must be a number of messages',
  BAD_STREAM_OFFSET: 'x-stream-offset must be first, next, last=<n> or offset=<n>',
  BODY_NOT_ALLOWED: 'this frame must not have a body',
  BODY_NOT_TERMINATED: 'the octet after content-length octets of body must be NUL',
  BODY_TOO_LARGE: 'the body is larger than this server takes',
  CONNECT_TIMEOUT: 'no CONNECT frame came in time',
  CONNECT_TOO_LARGE: 'more bytes came before the end of the CONNECT frame than this server takes',
  DUPLICATE_SUBSCRIPTION: 'a subscription with this id is open already',
  DUPLICATE_TRANSACTION: 'a transaction with this id is open already',
  FRAME_TIMEOUT: 'the rest of a frame did not come in time',
  HEADER_TOO_LONG: 'a header line is longer than this server takes',
  MALFORMED_HEADER: 'a header line needs a name and a colon',
  MISSING_HEADER: 'a header that this frame needs is missing',
  NOT_CONNECTED: 'the first frame must be CONNECT or STOMP',
  NOT_UTF8: 'headers must be UTF-8',
  NOTHING_KEPT: 'nothing is kept at this destination that could be read again',
  NO_SUCH_DELIVERY: 'no message that waits for its acknowledgement has this id',
  NO_SUCH_SUBSCRIPTION: 'there is no subscription with this id',
  NO_SUCH_TRANSACTION: 'there is no open transaction with this id',
  TOO_MANY_HEADERS: 'the frame has more headers than this server takes',
  TOO_MANY_PATTERNS: 'there are as many patterns as this server takes',
  TOO_MANY_SUBSCRIPTIONS:
    'the session has as many subscriptions as it may have, or as many to one destination',
  TOO_MANY_TRANSACTIONS: 'the session has as many open transactions as it may have',
  TRANSACTION_TOO_LARGE: 'the transaction has more frames, or more bytes, than it may have',
  UNDEFINED_ESCAPE: 'a header has an escape sequence that is not defined',
  UNKNOWN_COMMAND: 'the command is not known in this version of STOMP',
  UNKNOWN_DESTINATION: 'no such destination: the prefix is not one of this server',
  VERSION_NOT_SUPPORTED: 'this server speaks STOMP 1.0, 1.1 and 1.2',
} as const;

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/**
 * The peer broke STOMP or a limit. It gets an ERROR frame with this code, and the connection
 * ends.
 */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  /** The part of the peer's input that is wrong. */
  readonly detail: string | undefined;
  /** The `receipt` of the frame, if it was read before the error was found. */
  readonly receiptId: string | undefined;

  constructor(code: ProtocolErrorCode, detail?: string, receiptId?: string) {
    super(detail === undefined ? PROTOCOL_ERRORS[code] : `${PROTOCOL_ERRORS[code]}: ${detail}`);
    this.name = 'ProtocolError';
    this.code = code;
    this.detail = detail;
    this.receiptId = receiptId;
  }
}
