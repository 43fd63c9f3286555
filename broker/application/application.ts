// The handlers of an application, after Spring's @MessageMapping and @SubscribeMapping. Patterns
// have no prefix: `message` and `subscribe` are below the application prefix, `topic` is below
// the topic prefix. Routing finds the subscribers and commits the replies.

import type { Maybe } from '../maybe.ts';
import { type Answer, answerOf, isPromise } from './answer.ts';
import { type Guard, type Guarded, Guards } from './guards.ts';
import { compilePattern, type Params, type PathPattern } from './pattern.ts';
import type { Reply, ReplyWithFacts } from './reply.ts';
import { type Asked, type Caller, Request } from './request.ts';

/** Handles one SEND. The next frame of the session waits until the handler has settled. */
export type MessageHandler<P> = (request: Request<P>) => Maybe<Reply | undefined>;

/**
 * Handles one SUBSCRIBE. Its return value goes to this subscriber alone, as JSON; a Buffer is JSON
 * already.
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
   * Adds a guard, which sees every SEND and SUBSCRIBE of a client before any handler, whatever the
   * destination. Guards run in the order in which they were added. A guard sees a SUBSCRIBE to a
   * pattern as it is written: `keepPrivate` and `topic` handlers hide destinations from patterns.
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

  /**
   * Handles SENDs to a pattern such as `/rooms/{room}/say`. The first pattern that matches wins.
   */
  message<const P extends string>(pattern: P, handler: MessageHandler<Params<P>>): this {
    this.#messages.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /** Answers each SUBSCRIBE to a pattern once, as request and reply. */
  subscribe<const P extends string>(pattern: P, handler: SubscribeHandler<Params<P>>): this {
    this.#subscribes.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /**
   * Guards SUBSCRIBEs to a topic: the handler may reject. Its return value, if there is one, is the
   * first MESSAGE of the subscription, before everything that is published afterwards. To keep that
   * order the handler must not return a promise. If the value takes time, the handler returns a
   * function instead: it is called once the subscription misses nothing, and may return a promise.
   */
  topic<const P extends string>(pattern: P, handler: SubscribeHandler<Params<P>>): this {
    this.#topics.push({ pattern: compilePattern(pattern), handler });
    return this;
  }

  /**
   * Reserves all topics that begin with this path for the application: clients cannot send there,
   * and can subscribe only where there is a `topic` handler.
   */
  keepPrivate(path: string): this {
    this.#private.push(path);
    return this;
  }

  /** Adds a listener, which runs once for each connected session that has ended, for any reason. */
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

  send(path: string, asked: Asked): Maybe<Answer<ReplyWithFacts | undefined>> {
    return answer(this.#messages, path, asked, (handler, request) => handler(request));
  }

  ask(path: string, asked: Asked): Maybe<Answer<unknown>> {
    return answer(this.#subscribes, path, asked, (handler, request) => handler(request));
  }

  /** Like `ask`, in the same turn. */
  open(topicPath: string, asked: Asked): Answer<unknown> {
    const opened = answer(this.#topics, topicPath, asked, (handler, request) => handler(request));
    if (isPromise(opened)) throw new Error(`the topic handler of ${topicPath} must not wait`);
    return opened;
  }

  /** Calls all listeners, even if some throw; then throws the first error. */
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
    // Fields one by one: a copy with `...` and one field more gets a new shape in V8 each time.
    const { body, caller, headers, sentHeaders } = asked;
    // `params` has the names of the pattern, from which the handler's type was inferred.
    const request = new Request({ body, caller, headers, params: params as never, sentHeaders });
    return answerOf(() => call(handler, request));
  }
  return { type: 'unknown' };
}
