import { ProtocolError } from './errors.ts';

/** How often each side says something, in ms; 0 is never. */
export interface HeartBeat {
  /** What this server must do. */
  readonly sendMs: number;
  /** What this server may expect. */
  readonly expectMs: number;
}

/**
 * What CONNECT's `heart-beat` and this server's interval make together (STOMP 1.2,
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
