// Plans SENDs and SUBSCRIBEs: guards are asked first, then the planner of the command looks at the
// destination. A plan makes nothing happen: `plan-execution.ts` carries it out.

import type { Caller } from '../application/request.ts';
import type { Maybe } from '../maybe.ts';
import { sortDestination } from './destination.ts';
import { guarded } from './guarded.ts';
import type { SendPlan, SubscribePlan } from './plans.ts';
import type { RouterOptions, Sent } from './router-options.ts';
import { SendPlanner } from './send-planner.ts';
import { SubscribePlanner } from './subscribe-planner.ts';
import { ERRORS_PATH } from './user-destination.ts';

export class Router {
  readonly #options: RouterOptions;
  readonly #sends: SendPlanner;
  readonly #subscribes: SubscribePlanner;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#sends = new SendPlanner(options);
    this.#subscribes = new SubscribePlanner(options);
  }

  /** The destination at which this server tells a session of its refusals. */
  get errorsDestination(): string {
    return this.#options.prefixes.user + ERRORS_PATH;
  }

  /** True: no pattern sees it, because only the application sends there or a handler guards it. */
  hidesFromPatterns(destination: string): boolean {
    const { application, opensPrivateToPatterns, prefixes } = this.#options;
    if (opensPrivateToPatterns) return false;
    const sorted = sortDestination(destination, prefixes);
    if (sorted.kind !== 'topic') return true;
    return application.isPrivate(sorted.path) || application.hasTopicHandler(sorted.path);
  }

  /** True: each message there goes to one receiver. */
  isQueue(destination: string): boolean {
    return sortDestination(destination, this.#options.prefixes).kind === 'queue';
  }

  /** Throws ProtocolError, or rejects with it, where no message can go. */
  planSend(sent: Sent, caller: Caller): Maybe<SendPlan> {
    const { application } = this.#options;
    if (!application.hasGuards) return this.#sends.plan(sent, caller);
    const asked = { ...sent, caller, command: 'SEND' } as const;
    return guarded(application, asked, () => this.#sends.plan(sent, caller));
  }

  /** Throws ProtocolError, or rejects with it, where nothing can be subscribed to. */
  planSubscribe(sent: Sent, caller: Caller): Maybe<SubscribePlan> {
    const { application } = this.#options;
    if (!application.hasGuards) return this.#subscribes.plan(sent, caller);
    const asked = { ...sent, caller, command: 'SUBSCRIBE' } as const;
    return guarded(application, asked, () => this.#subscribes.plan(sent, caller));
  }

  /** As `planSend`, for the server itself: no guard is asked. Throws where nothing can go. */
  planPublish(sent: Sent): Maybe<SendPlan> {
    return this.#sends.planPublish(sent);
  }

  /** Tells the application that a session which was connected has ended. */
  sessionClosed(caller: Caller): void {
    this.#options.application.sessionClosed(caller);
  }
}
