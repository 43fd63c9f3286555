import { retryDelayMs, triesAfterLoss } from './backoff.ts';
import type { LinkEnd } from './link.ts';

/** `tries` is the number of attempts in a row that failed. */
export type ConnectionState =
  | { readonly phase: 'connecting'; readonly tries: number; readonly awaySinceMs: number }
  | { readonly phase: 'connected'; readonly tries: number; readonly sinceMs: number }
  | {
      readonly phase: 'waiting';
      readonly tries: number;
      readonly awaySinceMs: number;
      readonly end: LinkEnd;
      readonly retryAtMs: number;
    };

export function firstTry(nowMs: number): ConnectionState {
  return { phase: 'connecting', tries: 0, awaySinceMs: nowMs };
}

export function afterOpen(state: ConnectionState, nowMs: number): ConnectionState {
  return { phase: 'connected', tries: state.tries, sinceMs: nowMs };
}

/** The link ended or could not be opened; another attempt follows. `random` is from 0 to 1. */
export function afterEnd(
  state: ConnectionState,
  end: LinkEnd,
  nowMs: number,
  random: number,
): ConnectionState {
  const wasUp = state.phase === 'connected';
  const tries = wasUp ? triesAfterLoss(state.tries, nowMs - state.sinceMs) : state.tries + 1;
  const awaySinceMs = wasUp ? nowMs : state.awaySinceMs;
  return {
    phase: 'waiting',
    tries,
    awaySinceMs,
    end,
    retryAtMs: nowMs + retryDelayMs(tries, random),
  };
}

export function afterWaiting(state: ConnectionState): ConnectionState {
  if (state.phase !== 'waiting') return state;
  return { phase: 'connecting', tries: state.tries, awaySinceMs: state.awaySinceMs };
}
