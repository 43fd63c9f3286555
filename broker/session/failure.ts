import { ProtocolError } from '../stomp/errors.ts';
import { type Header, type ServerFrame, serverFrame } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import { STOMP_VERSIONS } from '../stomp/version.ts';

/** The ERROR for a failure, and whether the failure is a bug of the server. */
export interface Failure {
  readonly error: ServerFrame;
  readonly isBug: boolean;
}

/** Builds an ERROR frame (STOMP 1.2, "ERROR"). */
export function errorFrame(
  code: string,
  text: string,
  receiptId?: string,
  more: readonly Header[] = [],
): ServerFrame {
  const receipt: Header[] = receiptId === undefined ? [] : [[h.RECEIPT_ID, receiptId]];
  const headers: Header[] = [
    ['code', code],
    [h.MESSAGE, text],
    ...receipt,
    ...more,
    [h.CONTENT_TYPE, 'text/plain'],
  ];
  return serverFrame('ERROR', headers, Buffer.from(`${code}: ${text}\n`));
}

/**
 * Builds the ERROR for an exception while a frame was read or handled. Any exception but a
 * ProtocolError is a bug of the server, and its text is not sent to the client.
 *
 * @param receiptId the `receipt` header of the frame
 */
export function failureOf(error: unknown, receiptId?: string): Failure {
  if (!(error instanceof ProtocolError)) {
    const text = 'the server failed to handle this frame';
    return { error: errorFrame('INTERNAL', text, receiptId), isBug: true };
  }
  // STOMP 1.2, "Protocol Negotiation": the ERROR lists the versions that the server speaks.
  const more: Header[] =
    error.code === 'VERSION_NOT_SUPPORTED' ? [[h.VERSION, STOMP_VERSIONS.join(',')]] : [];
  const told = errorFrame(error.code, error.message, error.receiptId ?? receiptId, more);
  return { error: told, isBug: false };
}
