import type { Message } from '../engine/engine.ts';

/** What a message counts where bytes are bounded: its body and its headers. */
export function octetsOf({ body, headers }: Pick<Message, 'body' | 'headers'>): number {
  let bytes = body.length;
  for (const [name, value] of headers) bytes += name.length + value.length;
  return bytes;
}
