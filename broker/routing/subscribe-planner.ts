// Plans SUBSCRIBEs by their destination: topics to listen to, a queue to consume, or one answer
// of the application.

import type { Answer } from '../application/answer.ts';
import type { Caller } from '../application/request.ts';
import { type Maybe, settle } from '../maybe.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { sortDestination } from './destination.ts';
import { passedHeaders } from './passed-headers.ts';
import { isPattern, literalPrefix, SEGMENTS_MAX, segmentsOf } from './pattern.ts';
import { noSuchDestination, refused, type SubscribePlan } from './plans.ts';
import type { RouterOptions, Sent } from './router-options.ts';
import { ERRORS_PATH, isOwnPath, sessionTopic, userTopic } from './user-destination.ts';

type TopicPlan = Extract<SubscribePlan, { readonly type: 'topic' }>;

type SubscribePlannerOptions = Pick<
  RouterOptions,
  'application' | 'opensPrivateToPatterns' | 'prefixes'
>;

export class SubscribePlanner {
  readonly #options: SubscribePlannerOptions;

  constructor(options: SubscribePlannerOptions) {
    this.#options = options;
  }

  /** Throws ProtocolError where nothing can be subscribed to. */
  plan(sent: Sent, caller: Caller): Maybe<SubscribePlan> {
    const { body, destination, headers } = sent;
    const { application, prefixes } = this.#options;
    const sorted = sortDestination(destination, prefixes);
    if (isPattern(destination)) return this.#planPattern(destination, sorted.kind === 'topic');
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
        return planOwn(destination, sorted.path, caller);
      case 'unknown':
        throw new ProtocolError('UNKNOWN_DESTINATION', destination);
    }
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

  #planOpened(destination: string, path: string, answer: Answer<unknown>): SubscribePlan {
    const plain = {
      topics: [destination],
      hasPositions: true,
      hearsErrors: false,
      destinationHeader: null,
    };
    switch (answer.type) {
      case 'answered':
        return { type: 'topic', ...plain, ...firstOf(answer.value) };
      case 'rejected':
        return refused(answer.code, answer.text);
      case 'unknown':
        // Nothing is ever published at a private topic that no handler knows.
        if (this.#options.application.isPrivate(path)) return noSuchDestination();
        return { type: 'topic', ...plain, first: null };
    }
  }
}

function planOwn(destination: string, path: string, { sessionId, user }: Caller): SubscribePlan {
  const topics = [sessionTopic(sessionId, path)];
  if (user !== null) topics.push(userTopic({ user, path }));
  const hearsErrors = path === ERRORS_PATH;
  const none = { first: null, hasPositions: false };
  return { type: 'topic', topics, hearsErrors, destinationHeader: destination, ...none };
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

/** The handler of a topic returns the first MESSAGE, or a function that is asked for it later. */
function firstOf(value: unknown): Pick<TopicPlan, 'askFirst' | 'first'> {
  if (typeof value !== 'function') return { first: jsonOf(value) };
  const ask = value as () => unknown;
  return {
    first: null,
    askFirst: () => {
      const answer = ask();
      return answer instanceof Promise ? answer.then(jsonOf) : jsonOf(answer);
    },
  };
}

/**
 * Throws where a handler returned a value that JSON does not have; `undefined` is no message. A
 * Buffer is JSON already: an answer that many ask for is encoded once.
 */
function jsonOf(value: unknown): Buffer | null {
  if (Buffer.isBuffer(value)) return value;
  return value === undefined ? null : Buffer.from(JSON.stringify(value));
}
