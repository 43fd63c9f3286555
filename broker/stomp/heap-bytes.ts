// Estimates the heap that waiting frames take, for limits on memory. Measured in Node 20: a frame
// without headers takes 400 to 650 bytes; a header takes 110 to 170 and its text, which keeps the
// line alive that it was cut from; a body below 4 KiB takes twice its size, as it shares a block
// of Node's pool.

import type { Header } from './frame.ts';

/** The objects of a frame. */
export const FRAME_HEAP_BYTES = 512;
const HEADER_HEAP_BYTES = 160;
/** Outside Latin-1 a character takes two bytes. */
const CHARACTER_BYTES = 2;
const POOLED_BODY_BYTES = 4_096;

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

export function headersHeapBytes(headers: readonly Header[]): number {
  let bytes = HEADER_HEAP_BYTES * headers.length;
  for (const [name, value] of headers) bytes += CHARACTER_BYTES * (name.length + value.length);
  return bytes;
}
