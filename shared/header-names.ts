// Header names beyond STOMP's own that clients and the broker agree on (PROTOCOL.md, "Headers").

/** SEND: a repeat of the same id within the window is not published again. */
export const DEDUPLICATION_ID = 'x-deduplication-id';
/** RECEIPT of a SEND: `true` when it was a repeat. */
export const DUPLICATE = 'x-duplicate';
/** SEND: `true` keeps the message out of the history; it has no position. */
export const EPHEMERAL = 'x-ephemeral';
/** MESSAGE: the body was left out, because the transport carries text only. */
export const BODY_OMITTED = 'x-body-omitted';
/** RECEIPT of a SUBSCRIBE: whether everything asked for is still there. */
export const RECOVERED = 'x-recovered';
/** CONNECTED: the life of the store that positions belong to. */
export const STREAM_EPOCH = 'x-stream-epoch';
/** MESSAGE and RECEIPT: a position; SUBSCRIBE: where to start. */
export const STREAM_OFFSET = 'x-stream-offset';
/** What every position header starts with; a sender's own are not passed on. */
export const STREAM_PREFIX = 'x-stream-';
