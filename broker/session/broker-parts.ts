import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { MemoryBudget } from '../limits/memory-budget.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Log } from '../log.ts';
import type { HistoryPages } from '../routing/history-pages.ts';
import type { Queues } from '../routing/queues.ts';
import type { Router } from '../routing/router.ts';
import type { SubscriptionIndex } from '../routing/subscription-index.ts';
import type { Authenticator } from './commands/login.ts';
import type { TransactionLimits } from './commands/transactions.ts';
import type { AppendBudget } from './flow/append-budget.ts';
import type { AppendCreditLimits } from './flow/append-credit.ts';
import type { DeliveryLimits } from './flow/delivery-credit.ts';
import type { FairTurns } from './flow/fair-turns.ts';
import type { InputLimits } from './flow/input-reader.ts';
import type { InputTurns } from './flow/input-turns.ts';
import type { Pulse } from './flow/pulse.ts';
import type { RefusalLimits } from './flow/refusals.ts';
import type { SharedTails } from './formats/shared-tails.ts';
import type { Observer } from './observer.ts';
import type { PatternLimits, PatternShares } from './subscriptions/pattern-shares.ts';

export interface SessionLimits
  extends AppendCreditLimits,
    DeliveryLimits,
    InputLimits,
    PatternLimits,
    RefusalLimits,
    TransactionLimits {
  /** A browser is given up after this silence, as background tabs run timers once a minute. */
  readonly browserSilenceMs: number;
  readonly connectTimeoutMs: number;
  /** The rest of a frame must follow within this. */
  readonly frameTimeoutMs: number;
  readonly sendTimeoutMs: number;
  /** Each way; 0 is none. */
  readonly heartBeatMs: number;
  /** Deliveries of a subscription that may wait for their acknowledgement, if it does not say. */
  readonly prefetchCount: number;
  /** What a subscription may ask for. */
  readonly prefetchMax: number;
  readonly subscriptionsMax: number;
  /** Subscriptions of a session to one destination; queues are exempt. */
  readonly subscriptionsPerDestinationMax: number;
}

/** What all sessions of one broker share. */
export interface BrokerParts {
  /** Says who a client is; `null`: anyone is let in, without a name. */
  readonly authenticate: Authenticator | null;
  readonly budget: AppendBudget;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly index: SubscriptionIndex;
  readonly limits: SessionLimits;
  readonly log: Log;
  /** For frames, when a session has many. */
  readonly inputTurns: InputTurns;
  /** What all sessions together may hold in memory. */
  readonly memory: MemoryBudget;
  /** `null`: nobody looks on. */
  readonly observer: Observer | null;
  /** Histories, for those who catch up. */
  readonly pages: HistoryPages;
  /** Who has how many patterns. */
  readonly patterns: PatternShares;
  readonly pulse: Pulse;
  readonly queues: Queues;
  /** How often clients may do what costs something. */
  readonly rates: RateLimits;
  readonly router: Router;
  /** What receivers of a batch share. */
  readonly tails: SharedTails;
  /** For what takes long, a piece at a time. */
  readonly turns: FairTurns;
  /** What waits to be sent, over all sessions; it is part of `memory`. */
  readonly unsent: UnsentPackets;
  /** For CONNECTED's `server`: a name, a slash, a version. */
  readonly serverName: string;
}
