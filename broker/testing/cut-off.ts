import type { Transport } from '../transport/transport.ts';

/** A transport that can end its connection without a word. */
export interface CutOff {
  cutOff(): void;
}

/** RFC 6455, 7.4.1, "1011": for a transport that knows no way to vanish. */
const INTERNAL = 1011;

/** Ends a connection as a broken network does. */
export function cutOff(transport: Transport | (Transport & CutOff)): void {
  if ('cutOff' in transport) transport.cutOff();
  else transport.close(INTERNAL, '');
}
