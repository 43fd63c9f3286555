// Where a subscription starts (PROTOCOL.md, "Positions"): `x-stream-offset` of its SUBSCRIBE, in
// the life of the store that `x-stream-epoch` names.

import { STREAM_EPOCH, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Ends } from '../engine/engine.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../stomp/frame.ts';

/** As a client asks for it. */
export interface Start {
  /** The life of the store that the offset belongs to; absent: the present one. */
  readonly epoch: string | undefined;
  readonly from:
    | { readonly type: 'first' | 'next' }
    | { readonly type: 'last'; readonly count: number }
    | { readonly type: 'offset'; readonly offset: number };
}

/** What the client gets. */
export interface Verdict {
  /** The first position that is delivered. */
  readonly next: number;
  /** The newest position that there was at that moment. */
  readonly head: number;
  /** False: something that was asked for is no longer kept. */
  readonly isRecovered: boolean;
  /** True: no position was promised, so that it may begin later if the oldest go before that. */
  readonly isLoose: boolean;
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

/** Pure. */
export function verdictOf(
  { epoch, from }: Start,
  present: string,
  { head, oldest }: Ends,
): Verdict {
  const asNext = (isRecovered: boolean) => ({
    next: head + 1,
    head,
    isLoose: false,
    isRecovered,
  });
  switch (from.type) {
    case 'next':
      return asNext(true);
    case 'first':
      return { next: oldest, head, isLoose: true, isRecovered: true };
    case 'last':
      return {
        next: Math.max(oldest, head - from.count + 1),
        head,
        isLoose: true,
        isRecovered: true,
      };
    case 'offset': {
      const isForeign = epoch !== undefined && epoch !== present;
      if (isForeign || from.offset > head + 1) return asNext(false);
      const isRecovered = from.offset >= oldest;
      return { next: Math.max(oldest, from.offset), head, isLoose: !isRecovered, isRecovered };
    }
  }
}
