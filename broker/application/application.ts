// What the application answers to, after Spring's @MessageMapping and @SubscribeMapping. Patterns
// carry no prefix: `message` and `subscribe` stand below the application prefix, `topic` below
// the topic prefix. Finding the subscribers and the commit are the router's.

import { compilePattern, type Params, type PathPattern } from './pattern.ts';
import { Rejection } from './rejection.ts';
import type { Reply } from './reply.ts';
import { type Caller, Request } from './request.ts';

type Maybe<T> = T | Promise<T>;

/** Takes one SEND. The next frame of its session starts when it has returned. */
export type MessageHandler<P> = (request: Request<P>) => Maybe<Reply | undefined>;

/** Takes one SUBSCRIBE; what it returns goes to this subscriber alone, as JSON. */
export type SubscribeHandler<P> = (request: Request<P>) => unknown;

/** How a request ended. */
export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | { readonly type: 'rejected'; readonly code: string; readonly text: string }
  | { readonly type: 'unknown' };

type Asked = Pick<Request, 'body' | 'caller' | 'headers'>;

interface Route<H> {
  readonly pattern: PathPattern;
  readonly handler: H;
}

type AnyMessageHandler = (request: Request<never>) => Maybe<Reply | undefined>;
type AnySubscribeHandler = (request: Request<never>) => unknown;

export class Application {
  readonly #messages: Route<AnyMessageHandler>[] = [];
  readonly #subscribes: Route<AnySubscribeHandler>[] = [];
  readonly #topics: Route<AnySubscribeHandler>[] = [];
  readonly #closed: ((caller: Caller) => void)[] = [];
  readonly #private: string[] = [];

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

  isPrivate(topicPath: string): boolean {
    return this.#private.some((path) => topicPath.startsWith(path));
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
    if (opened instanceof Promise)
      throw new Error(`the topic handler of ${topicPath} must not wait`);
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
    try {
      // The names were taken from the pattern that the handler's type was made of.
      const value = call(handler, new Request({ ...asked, params: params as never }));
      return value instanceof Promise ? value.then(answered, rejected) : answered(value);
    } catch (error) {
      return rejected(error);
    }
  }
  return { type: 'unknown' };
}

function answered<T>(value: T): Answer<T> {
  return { type: 'answered', value };
}

/** Anything but a Rejection is a bug of the handler, and the session's to report. */
function rejected(error: unknown): { type: 'rejected'; code: string; text: string } {
  if (error instanceof Rejection) {
    return { type: 'rejected', code: error.code, text: error.message };
  }
  throw error;
}
