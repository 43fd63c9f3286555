import type { HistoryPages } from '../../routing/history-pages.ts';
import type { SubscriptionIndex } from '../../routing/subscription-index.ts';
import type { DeliveryCredit } from '../flow/delivery-credit.ts';
import type { FairTurns } from '../flow/fair-turns.ts';
import type { Replies } from '../flow/replies.ts';
import type { SessionOutput } from '../flow/session-output.ts';
import type { SharedTails } from '../formats/shared-tails.ts';
import type { SessionControl } from '../session-control.ts';

/** The parts that the subscriptions of one session use; each kind picks those that it needs. */
export interface SubscriptionParts {
  /** Names for `ack` headers. */
  readonly ackNames: { nextName(): number };
  readonly credit: DeliveryCredit;
  readonly index: SubscriptionIndex;
  readonly output: SessionOutput;
  /** Histories, for subscriptions that catch up. */
  readonly pages: HistoryPages;
  readonly replies: Replies;
  readonly session: SessionControl;
  readonly tails: SharedTails;
  /** The turns in which pages are read. */
  readonly turns: FairTurns;
}
