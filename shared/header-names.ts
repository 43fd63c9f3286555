// Header names of this protocol that STOMP does not define (PROTOCOL.md, "Headers").

/** SEND: id for deduplication; a duplicate within the window is not published again. */
export const DEDUPLICATION_ID = 'x-deduplication-id';
/** RECEIPT of a SEND: `true` if it was a duplicate. */
export const DUPLICATE = 'x-duplicate';
/** SEND: `true` keeps the message out of the history; it has no position. */
export const EPHEMERAL = 'x-ephemeral';
/** MESSAGE: the body was omitted, because the transport carries text only. */
export const BODY_OMITTED = 'x-body-omitted';
/** RECEIPT of a SUBSCRIBE: `false` if some of the requested messages are no longer kept. */
export const RECOVERED = 'x-recovered';
/** CONNECTED, RECEIPT and SUBSCRIBE: the epoch that positions belong to. */
export const STREAM_EPOCH = 'x-stream-epoch';
/** MESSAGE and RECEIPT: a position. SUBSCRIBE: the requested start. */
export const STREAM_OFFSET = 'x-stream-offset';
/** Prefix of all position headers. Those that a sender sets are not passed on. */
export const STREAM_PREFIX = 'x-stream-';
