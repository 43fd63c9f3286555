// The header names of STOMP 1.0 to 1.2. The broker's own are in shared/header-names.ts.

export const ACCEPT_VERSION = 'accept-version';
export const ACK = 'ack';
export const CONTENT_LENGTH = 'content-length';
export const CONTENT_TYPE = 'content-type';
export const DESTINATION = 'destination';
export const HEART_BEAT = 'heart-beat';
export const HOST = 'host';
export const ID = 'id';
export const LOGIN = 'login';
export const MESSAGE = 'message';
export const MESSAGE_ID = 'message-id';
export const PASSCODE = 'passcode';
/** Deliveries that may wait for their acknowledgement. The name is RabbitMQ's. */
export const PREFETCH_COUNT = 'prefetch-count';
export const RECEIPT = 'receipt';
export const RECEIPT_ID = 'receipt-id';
export const REDELIVERED = 'redelivered';
export const SERVER = 'server';
export const SESSION = 'session';
export const SUBSCRIPTION = 'subscription';
export const TRANSACTION = 'transaction';
/** CONNECTED: the user that the client was authenticated as. Not in STOMP; the name is Spring's. */
export const USER_NAME = 'user-name';
export const VERSION = 'version';
