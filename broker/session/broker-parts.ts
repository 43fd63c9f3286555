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
  /** The silence after which a browser counts as lost; background tabs run timers once a minute. */
  readonly browserSilenceMs: number;
  readonly connectTimeoutMs: number;
  /** The time within which the rest of a frame must arrive. */
  readonly frameTimeoutMs: number;
  readonly sendTimeoutMs: number;
  /** The interval in each direction; 0: no heart-beats. */
  readonly heartBeatMs: number;
  /** The default of a subscription's `prefetch-count`. */
  readonly prefetchCount: number;
  /** The largest `prefetch-count` that a subscription may ask for. */
  readonly prefetchMax: number;
  readonly subscriptionsMax: number;
  /** Subscriptions of a session to one destination. Queues are exempt. */
  readonly subscriptionsPerDestinationMax: number;
}

/** The parts that all sessions of one broker share. */
export interface BrokerParts {
  /** Authenticates clients; `null`: every client is admitted, without a name. */
  readonly authenticate: Authenticator | null;
  readonly budget: AppendBudget;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly index: SubscriptionIndex;
  readonly limits: SessionLimits;
  readonly log: Log;
  /** The turns of sessions that have many frames to handle. */
  readonly inputTurns: InputTurns;
  /** The memory that all sessions together may hold. */
  readonly memory: MemoryBudget;
  /** `null` except in a test broker. */
  readonly observer: Observer | null;
  /** Pages of histories, for subscriptions that catch up. */
  readonly pages: HistoryPages;
  /** The patterns that each address has subscribed to. */
  readonly patterns: PatternShares;
  readonly pulse: Pulse;
  readonly queues: Queues;
  /** The rates of clients. */
  readonly rates: RateLimits;
  readonly router: Router;
  /** Encodings that the receivers of a batch share. */
  readonly tails: SharedTails;
  /** The turns of long work that is done a piece at a time. */
  readonly turns: FairTurns;
  /** Unsent packets of all sessions; they count in `memory`. */
  readonly unsent: UnsentPackets;
  /** The `server` header of CONNECTED: a name, a slash, a version. */
  readonly serverName: string;
}
