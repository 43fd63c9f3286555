// The start of a subscription (PROTOCOL.md, "Positions"): `x-stream-offset` of its SUBSCRIBE, as
// the client remembers it from the epoch that `x-stream-epoch` names. The engine tells what it is
// worth.

import { STREAM_EPOCH, STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { Ends, Standing } from '../../engine/engine.ts';
import { type Maybe, settle } from '../../maybe.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import { type ClientFrame, headerOf } from '../../stomp/frame.ts';

/** A start as the client asks for it. */
export interface Start {
  /** The epoch in which the client was told the offset; absent: the present one. */
  readonly epoch: string | undefined;
  readonly from:
    | { readonly type: 'first' | 'next' }
    | { readonly type: 'last'; readonly count: number }
    | { readonly type: 'offset'; readonly offset: number };
}

/** A start after the engine compared it with what is kept. */
export interface ResolvedStart {
  /** The first position that is delivered. */
  readonly next: number;
  /** The newest position at that moment. */
  readonly head: number;
  /** False: some of the messages that the client asked for are no longer kept. */
  readonly isRecovered: boolean;
  /** True: no position was promised, so it may begin later if the oldest messages expire first. */
  readonly mayStartLater: boolean;
  /** True: positions up to `head` that are damaged on disk are skipped. */
  readonly isLenient: boolean;
}

/** Throws ProtocolError if the header is malformed. */
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

/** @param resolve tells the standing of an offset that a client was told in an epoch */
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
