import { type ClientCommand, type ClientFrame, headerOf } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { OwnSubscription } from './own-subscription.ts';

/** What of a frame its answer needs: it may wait longer than the frame should be kept. */
export interface Asked {
  readonly command: ClientCommand;
  readonly destination: string | undefined;
  readonly receiptId: string | undefined;
  /** Who is told of a no, where it does not end the session; those that listened when it was asked. */
  readonly listeners: readonly OwnSubscription[];
}

const NOBODY: readonly OwnSubscription[] = [];

/** @param listeners absent: a no ends the session */
export function askedOf(frame: ClientFrame, listeners: readonly OwnSubscription[] = NOBODY): Asked {
  return {
    command: frame.command,
    destination: headerOf(frame, h.DESTINATION),
    receiptId: headerOf(frame, h.RECEIPT),
    listeners,
  };
}
