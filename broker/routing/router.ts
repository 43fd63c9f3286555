// Where a SEND or a SUBSCRIBE goes, by its destination. It decides and makes nothing happen: the
// session commits what a SEND comes to, and tells its client.

import { type Maybe, settle } from '../maybe.ts';
import { ProtocolError } from '../stomp/errors.ts';
import type { Answer, Caller } from './application-port.ts';
import { sortDestination } from './destination.ts';
import { guarded } from './guarded.ts';
import { passedHeaders } from './passed-headers.ts';
import { isPattern, literalPrefix, SEGMENTS_MAX, segmentsOf } from './pattern.ts';
import { noSuchDestination, refused, type SendPlan, type SubscribePlan } from './plans.ts';
import type { RouterOptions, Sent } from './router-options.ts';
import { SendPlanner } from './send-planner.ts';
import { ERRORS_PATH, isOwnPath, sessionTopic, userTopic } from './user-destination.ts';

export class Router {
  readonly #options: RouterOptions;
  readonly #sends: SendPlanner;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#sends = new SendPlanner(options);
  }

  /** What no pattern sees: what is the application's own, or guarded by a handler of it. */
  hidesFromPatterns(destination: string): boolean {
    const { application, opensPrivateToPatterns, prefixes } = this.#options;
    if (opensPrivateToPatterns) return false;
    const sorted = sortDestination(destination, prefixes);
    if (sorted.kind !== 'topic') return true;
    return application.isPrivate(sorted.path) || application.hasTopicHandler(sorted.path);
  }

  /** Whether messages there go to one receiver each. */
  isQueue(destination: string): boolean {
    return sortDestination(destination, this.#options.prefixes).kind === 'queue';
  }

  /** Where this server tells a session what it was refused. */
  get errorsDestination(): string {
    return this.#options.prefixes.user + ERRORS_PATH;
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
    if (!application.hasGuards) return this.#planSubscribe(sent, caller);
    const asked = { ...sent, caller, command: 'SUBSCRIBE' } as const;
    return guarded(application, asked, () => this.#planSubscribe(sent, caller));
  }

  /** As `planSend`, for the server itself: no guard is asked. Throws where nothing can go. */
  planPublish(sent: Sent): SendPlan {
    return this.#sends.planPublish(sent);
  }

  #planSubscribe(sent: Sent, caller: Caller): Maybe<SubscribePlan> {
    const { destination } = sent;
    const { application, prefixes } = this.#options;
    const sorted = sortDestination(destination, prefixes);
    if (isPattern(destination)) return this.#planPattern(destination, sorted.kind === 'topic');
    const { body, headers } = sent;
    const asked = { body, caller, headers: passedHeaders(headers), sentHeaders: headers };
    switch (sorted.kind) {
      case 'app':
        return settle(application.ask(sorted.path, asked), planOfAnswer);
      case 'topic':
        return this.#planOpened(destination, sorted.path, application.open(sorted.path, asked));
      case 'queue':
        return { type: 'queue', queue: destination };
      case 'user':
        if (!isOwnPath(sorted.path)) throw new ProtocolError('UNKNOWN_DESTINATION', destination);
        return this.#planOwn(destination, sorted.path, caller);
      case 'unknown':
        throw new ProtocolError('UNKNOWN_DESTINATION', destination);
    }
  }

  /** Tells the application that a session which was connected has ended. */
  sessionClosed(caller: Caller): void {
    this.#options.application.sessionClosed(caller);
  }

  #planPattern(pattern: string, isTopic: boolean): SubscribePlan {
    if (!isTopic) throw new ProtocolError('BAD_PATTERN', `only topics take patterns: ${pattern}`);
    if (segmentsOf(pattern).length > SEGMENTS_MAX) {
      throw new ProtocolError('BAD_PATTERN', `more than ${SEGMENTS_MAX} segments`);
    }
    const { application, opensPrivateToPatterns, prefixes } = this.#options;
    const path = literalPrefix(pattern).slice(prefixes.topic.length);
    if (!opensPrivateToPatterns && application.isPrivate(path)) {
      return refused('NOT_YOURS_TO_HEAR', 'no pattern sees what is the application’s own');
    }
    const none = { first: null, hasPositions: false, hearsErrors: false, destinationHeader: null };
    return { type: 'topic', topics: [pattern], ...none };
  }

  #planOwn(destination: string, path: string, { sessionId, user }: Caller): SubscribePlan {
    const topics = [sessionTopic(sessionId, path)];
    if (user !== null) topics.push(userTopic({ user, path }));
    const hearsErrors = path === ERRORS_PATH;
    const none = { first: null, hasPositions: false };
    return { type: 'topic', topics, hearsErrors, destinationHeader: destination, ...none };
  }

  #planOpened(destination: string, path: string, answer: Answer<unknown>): SubscribePlan {
    const plain = {
      topics: [destination],
      hasPositions: true,
      hearsErrors: false,
      destinationHeader: null,
    };
    switch (answer.type) {
      case 'answered':
        return { type: 'topic', ...plain, first: jsonOf(answer.value) };
      case 'rejected':
        return refused(answer.code, answer.text);
      case 'unknown':
        // Nothing is ever published at a private topic that no handler knows.
        if (this.#options.application.isPrivate(path)) return noSuchDestination();
        return { type: 'topic', ...plain, first: null };
    }
  }
}

function planOfAnswer(answer: Answer<unknown>): SubscribePlan {
  switch (answer.type) {
    case 'answered':
      return { type: 'answer', body: jsonOf(answer.value) };
    case 'rejected':
      return refused(answer.code, answer.text);
    case 'unknown':
      return noSuchDestination();
  }
}

/**
 * Throws where a handler's value is nothing that JSON has; `undefined` is no message. A Buffer is
 * JSON already: what many ask for is encoded once.
 */
function jsonOf(value: unknown): Buffer | null {
  if (Buffer.isBuffer(value)) return value;
  return value === undefined ? null : Buffer.from(JSON.stringify(value));
}
