// Estimates the memory of frames that the broker holds, such as those of a transaction, for limits
// on memory. The numbers are averages that were measured in Node 20: a frame without headers takes
// 400 to 650 bytes. A header takes 110 to 170 bytes, plus its name and value, which V8 keeps as
// slices of the whole line. A body below 4 KiB takes twice its size, because it keeps a part of an
// 8 KiB block of Node's buffer pool alive.

import type { Header } from './frame.ts';

/** The objects of a frame, without its headers and its body. */
export const FRAME_HEAP_BYTES = 512;
const HEADER_HEAP_BYTES = 160;
/** Charged for every character. Latin-1 takes one byte, all other text two. */
const CHARACTER_BYTES = 2;
const POOLED_BODY_BYTES = 4_096;

/** The estimate for a frame, or for a message with its headers, in bytes. */
export function heapBytesOf({
  body,
  headers,
}: {
  readonly body: { readonly length: number };
  readonly headers: readonly Header[];
}): number {
  const bodyBytes = body.length < POOLED_BODY_BYTES ? 2 * body.length : body.length;
  return FRAME_HEAP_BYTES + bodyBytes + headersHeapBytes(headers);
}

/** The part of the estimate that the headers take. */
export function headersHeapBytes(headers: readonly Header[]): number {
  let bytes = HEADER_HEAP_BYTES * headers.length;
  for (const [name, value] of headers) bytes += CHARACTER_BYTES * (name.length + value.length);
  return bytes;
}
