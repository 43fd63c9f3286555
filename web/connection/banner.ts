import type { Refusal } from '../../shared/refusal.ts';
import type { ConnectionState } from './connection-state.ts';

/** Shorter outages, such as a restart of the broker or a change of network, are not shown. */
const QUIET_MS = 1_500;

/** Content of the connection banner. */
export type Banner =
  | { readonly type: 'none' }
  | { readonly type: 'connecting'; readonly isFirst: boolean }
  | { readonly type: 'waiting'; readonly refusal: Refusal | null; readonly seconds: number };

/** The banner to show at `nowMs`. Pure. */
export function bannerAt(state: ConnectionState, nowMs: number): Banner {
  if (state.phase === 'connected' || nowMs - state.awaySinceMs < QUIET_MS) return { type: 'none' };
  if (state.phase === 'connecting') return { type: 'connecting', isFirst: state.tries === 0 };
  return {
    type: 'waiting',
    refusal: state.end.type === 'refused' ? state.end.refusal : null,
    seconds: Math.max(1, Math.ceil((state.retryAtMs - nowMs) / 1_000)),
  };
}
