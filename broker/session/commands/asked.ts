import { type ClientCommand, type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { OwnSubscription } from '../subscriptions/own-subscription.ts';

/** What of a frame its answer needs: it may wait longer than the frame should be kept. */
export interface Asked {
  readonly command: ClientCommand;
  readonly destination: string | undefined;
  readonly receiptId: string | undefined;
  /** Where a no is told, as of the moment of the frame; `null`: it ends the session. */
  readonly listener: OwnSubscription | null;
}

/** @param listener absent: a no ends the session */
export function askedOf(frame: ClientFrame, listener: OwnSubscription | null = null): Asked {
  return {
    command: frame.command,
    destination: headerOf(frame, h.DESTINATION),
    receiptId: headerOf(frame, h.RECEIPT),
    listener,
  };
}
