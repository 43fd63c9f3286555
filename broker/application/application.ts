// What the application answers to, after Spring's @MessageMapping and @SubscribeMapping. Patterns
// carry no prefix: `message` and `subscribe` stand below the application prefix, `topic` below
// the topic prefix. Finding the subscribers and the commit are the router's.

import type { Maybe } from '../maybe.ts';
import { type Answer, answerOf, isPromise } from './answer.ts';
import { type Guard, type Guarded, Guards } from './guards.ts';
import { compilePattern, type Params, type PathPattern } from './pattern.ts';
import type { Reply } from './reply.ts';
import { type Asked, type Caller, Request } from './request.ts';

/** Takes one SEND. The next frame of its session starts when it has returned. */
export type MessageHandler<P> = (request: Request<P>) => Maybe<Reply | undefined>;

/**
 * Takes one SUBSCRIBE; what it returns goes to this subscriber alone, as JSON. A Buffer is taken for
 * JSON already.
 */
export type SubscribeHandler<P> = (request: Request<P>) => unknown;

interface Route<H> {
  readonly pattern: PathPattern;
  readonly handler: H;
}

type AnyMessageHandler = (request: Request<never>) => Maybe<Reply | undefined>;
type AnySubscribeHandler = (request: Request<never>) => unknown;

export class Application {
  readonly #guards = new Guards();
  readonly #messages: Route<AnyMessageHandler>[] = [];
  readonly #subscribes: Route<AnySubscribeHandler>[] = [];
  readonly #topics: Route<AnySubscribeHandler>[] = [];
  readonly #closed: ((caller: Caller) => void)[] = [];
  readonly #private: string[] = [];

  /**
   * Looks at every SEND and SUBSCRIBE of a client before anything else does, whatever its
   * destination. Several guards run in this order. A SUBSCRIBE to a pattern is asked about as it is
   * written: what must not be heard through one is kept by `keepPrivate` or a `topic` handler.
   *
   * ```ts
   * application.guard(({ caller, destination }) => {
   *   if (caller.user === null && destination.startsWith('/queue/')) reject('LOG_IN', 'members only');
   * });
   * ```
   */
  guard(guard: Guard): this {
    this.#guards.add(guard);
    return this;
  }

  /** Handles SENDs to a pattern such as `/rooms/{room}/say`. The first that matches wins. */
  message<const P extends string>(pattern: P, handler: MessageHandler<Params<P>>): this {
    this.#messages.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /** Answers SUBSCRIBEs to a pattern once, as in request and reply. */
  subscribe<const P extends string>(pattern: P, handler: SubscribeHandler<Params<P>>): this {
    this.#subscribes.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /**
   * Guards SUBSCRIBEs to a topic: the handler may reject. What it returns, if anything, is the
   * first MESSAGE of that subscription, and what is published afterwards follows it; so it must
   * return at once, no promise.
   */
  topic<const P extends string>(pattern: P, handler: SubscribeHandler<Params<P>>): this {
    this.#topics.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /**
   * Keeps everything that begins so, below the topic prefix, for the application: clients do not
   * send there, and subscribe only where a `topic` handler is.
   */
  keepPrivate(path: string): this {
    this.#private.push(path);
    return this;
  }

  /** Runs once when a session that was connected has ended, however it did. */
  closed(listener: (caller: Caller) => void): this {
    this.#closed.push(listener);
    return this;
  }

  get hasGuards(): boolean {
    return this.#guards.count > 0;
  }

  check(guarded: Guarded): Maybe<Answer<void>> {
    return this.#guards.check(guarded);
  }

  isPrivate(topicPath: string): boolean {
    return this.#private.some((path) => topicPath.startsWith(path));
  }

  hasTopicHandler(topicPath: string): boolean {
    return this.#topics.some(({ pattern }) => pattern.match(topicPath) !== null);
  }

  send(path: string, asked: Asked): Maybe<Answer<Reply | undefined>> {
    return answer(this.#messages, path, asked, (handler, request) => handler(request));
  }

  ask(path: string, asked: Asked): Maybe<Answer<unknown>> {
    return answer(this.#subscribes, path, asked, (handler, request) => handler(request));
  }

  /** As `ask`, at once. */
  open(topicPath: string, asked: Asked): Answer<unknown> {
    const opened = answer(this.#topics, topicPath, asked, (handler, request) => handler(request));
    if (isPromise(opened)) throw new Error(`the topic handler of ${topicPath} must not wait`);
    return opened;
  }

  /** Every listener hears of it, whatever another one does; then the first error is thrown. */
  sessionClosed(caller: Caller): void {
    const errors: unknown[] = [];
    for (const listener of this.#closed) {
      try {
        listener(caller);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

function answer<H, T>(
  routes: readonly Route<H>[],
  path: string,
  asked: Asked,
  call: (handler: H, request: Request<never>) => Maybe<T>,
): Maybe<Answer<T>> {
  for (const { pattern, handler } of routes) {
    const params = pattern.match(path);
    if (params === null) continue;
    // One by one: a copy with `...` and a field more has a shape of its own in V8, each time.
    const { body, caller, headers, sentHeaders } = asked;
    // The names were taken from the pattern that the handler's type was made of.
    const request = new Request({ body, caller, headers, params: params as never, sentHeaders });
    return answerOf(() => call(handler, request));
  }
  return { type: 'unknown' };
}
