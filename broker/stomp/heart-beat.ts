import { ProtocolError } from './errors.ts';

/** The intervals at which each side sends something, in ms; 0 is never. */
export interface HeartBeat {
  /** The longest silence that this server may keep. */
  readonly sendMs: number;
  /** The longest silence that this server may expect of the client. */
  readonly expectMs: number;
}

/**
 * Negotiates CONNECT's `heart-beat` with this server's interval (STOMP 1.2,
 * "Heart-beating"): each direction beats at the larger of the two numbers, or not at all.
 * A missing header is `0,0`.
 */
export function negotiateHeartBeat(header: string | undefined, ownMs: number): HeartBeat {
  const match = /^(\d{1,10}),(\d{1,10})$/.exec((header ?? '0,0').trim());
  if (match === null) throw new ProtocolError('BAD_HEART_BEAT', header);
  const [clientSendsMs, clientWantsMs] = [Number(match[1]), Number(match[2])];
  const both = (one: number) => (one === 0 || ownMs === 0 ? 0 : Math.max(one, ownMs));
  return { sendMs: both(clientWantsMs), expectMs: both(clientSendsMs) };
}
