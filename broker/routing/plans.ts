import type { Entry, FactChange } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';
import type { Reservation } from './queues.ts';

export interface Refused {
  readonly type: 'refused';
  readonly code: string;
  readonly text: string;
}

/** The plan of a SEND. Nothing of it has happened yet, and all of it may still be given up. */
export type SendPlan = Accepted | Refused;

/** The effects of one SEND, or of all frames of a transaction: all of them happen, or none. */
export interface Accepted {
  readonly type: 'accepted';
  /** For the engine, in one append. */
  readonly entries: readonly Entry[];
  /** For the engine, in the same append. */
  readonly facts: readonly FactChange[];
  /** For queues, after the commit. */
  readonly puts: readonly Reservation[];
  /** Run after the commit, in order. */
  readonly committed: readonly Action[];
  /** Run instead if the plan is refused or given up, in order. */
  readonly cancelled: readonly Action[];
}

export type Action = () => void;

/** The parts of a plan; a part that is left out is empty. */
type Parts = { readonly [K in keyof Omit<Accepted, 'type'>]?: Accepted[K] | undefined };

/** The plan of a SUBSCRIBE. */
export type SubscribePlan =
  | {
      readonly type: 'topic';
      /** The names under which it is in the subscription index. */
      readonly topics: readonly string[];
      /** True: a message that cannot be taken yet can be read from the history by its position. */
      readonly hasPositions: boolean;
      /** True: the session hears of its refusals here. */
      readonly hearsErrors: boolean;
      /** The `destination` of its MESSAGEs; `null`: where each was published. */
      readonly destinationHeader: string | null;
      /** The body of its first MESSAGE, as JSON; `null`: there is none, or `askFirst` has it. */
      readonly first: Buffer | null;
      /** Asks for the first MESSAGE, once every later publication reaches the subscription. */
      readonly askFirst?: () => Maybe<Buffer | null>;
    }
  | { readonly type: 'queue'; readonly queue: string }
  /** One answer for this subscriber alone, as JSON. */
  | { readonly type: 'answer'; readonly body: Buffer | null }
  | Refused;

const NONE: readonly never[] = [];

export function accepted(parts: Parts): Accepted {
  const { cancelled = NONE, committed = NONE, entries = NONE, facts = NONE, puts = NONE } = parts;
  return { type: 'accepted', cancelled, committed, entries, facts, puts };
}

/** One plan that does what all of these do, in their order. */
export function mergePlans(plans: readonly Accepted[]): Accepted {
  return {
    type: 'accepted',
    cancelled: plans.flatMap((plan) => plan.cancelled),
    committed: plans.flatMap((plan) => plan.committed),
    entries: plans.flatMap((plan) => plan.entries),
    facts: plans.flatMap((plan) => plan.facts),
    puts: plans.flatMap((plan) => plan.puts),
  };
}

export function refused(code: string, text: string): Refused {
  return { type: 'refused', code, text };
}

/** Gives back what is held by plans that will not be carried out. */
export function giveUp(plans: readonly Accepted[]): void {
  for (const { cancelled, puts } of plans) {
    for (const put of puts) put.cancel();
    for (const action of cancelled) action();
  }
}

export function noSuchDestination(): Refused {
  return refused('NO_SUCH_DESTINATION', 'nothing answers at this destination');
}
