import { type ClientCommand, type ClientFrame, headerOf } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { OwnSubscription } from '../subscriptions/own-subscription.ts';

/**
 * The part of a frame that its answer needs. A reply may wait for longer than a frame should live.
 */
export interface Asked {
  readonly command: ClientCommand;
  readonly destination: string | undefined;
  readonly receiptId: string | undefined;
  /** The errors subscription when the frame arrived; `null`: a refusal ends the session. */
  readonly listener: OwnSubscription | null;
}

/** @param listener absent: a refusal ends the session */
export function askedOf(frame: ClientFrame, listener: OwnSubscription | null = null): Asked {
  return {
    command: frame.command,
    destination: headerOf(frame, h.DESTINATION),
    receiptId: headerOf(frame, h.RECEIPT),
    listener,
  };
}
