// Where a subscription starts (PROTOCOL.md, "Positions"): `x-stream-offset` of its SUBSCRIBE, as the
// client remembers it from the epoch that `x-stream-epoch` names. What that is worth the engine says.

import { STREAM_EPOCH, STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { Ends, Standing } from '../../engine/engine.ts';
import { type Maybe, settle } from '../../maybe.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';

/** As a client asks for it. */
export interface Start {
  /** The epoch that the offset was told in; absent: the present one. */
  readonly epoch: string | undefined;
  readonly from:
    | { readonly type: 'first' | 'next' }
    | { readonly type: 'last'; readonly count: number }
    | { readonly type: 'offset'; readonly offset: number };
}

/** What the client gets. */
export interface ResolvedStart {
  /** The first position that is delivered. */
  readonly next: number;
  /** The newest position that there was at that moment. */
  readonly head: number;
  /** False: something that was asked for is not there. */
  readonly isRecovered: boolean;
  /** True: no position was promised, so that it may begin later if the oldest go before that. */
  readonly mayStartLater: boolean;
  /** True: positions up to the newest of that moment that are damaged on disk are passed over. */
  readonly isLenient: boolean;
}

/** Throws ProtocolError where the header is none of its forms. */
export function readStart(frame: ClientFrame): Start {
  const epoch = headerOf(frame, STREAM_EPOCH);
  const text = headerOf(frame, STREAM_OFFSET) ?? 'next';
  if (text === 'next' || text === 'first') return { epoch, from: { type: text } };
  const [, form, digits] = /^(last|offset)=(\d{1,15})$/.exec(text) ?? [];
  const number = Number(digits);
  if (form === 'last') return { epoch, from: { type: 'last', count: number } };
  if (form === 'offset' && number > 0) return { epoch, from: { type: 'offset', offset: number } };
  throw new ProtocolError('BAD_STREAM_OFFSET', text);
}

/** @param resolve tells what an offset is worth that a client was told in an epoch */
export function resolveStart(
  { epoch, from }: Start,
  { head, oldest }: Ends,
  resolve: (offset: number, epoch: string | undefined) => Maybe<Standing>,
): Maybe<ResolvedStart> {
  const asNext = (isRecovered: boolean) => ({
    next: head + 1,
    head,
    mayStartLater: false,
    isRecovered,
    isLenient: false,
  });
  const loose = { head, mayStartLater: true, isRecovered: true, isLenient: true };
  switch (from.type) {
    case 'next':
      return asNext(true);
    case 'first':
      return { ...loose, next: oldest };
    case 'last':
      return { ...loose, next: Math.max(oldest, head - from.count + 1) };
    case 'offset': {
      const { offset } = from;
      return settle(resolve(offset, epoch), (standing) => {
        if (standing === 'foreign') return asNext(false);
        const isRecovered = standing === 'known' && offset >= oldest;
        const next = Math.max(oldest, offset);
        const isLenient = !isRecovered;
        const newest = Math.max(head, next - 1);
        return { next, head: newest, mayStartLater: !isRecovered, isRecovered, isLenient };
      });
    }
  }
}
