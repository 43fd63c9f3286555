// What routing needs of an application, in its own words: it knows no class of it.

import type { FactChange } from '../engine/engine.ts';
import type { Maybe } from '../maybe.ts';

type Headers = readonly (readonly [name: string, value: string])[];

export interface Caller {
  readonly address: string;
  readonly sessionId: string;
  readonly user: string | null;
}

export interface Outgoing {
  readonly destination: string;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly isEphemeral?: boolean | undefined;
  readonly deduplication?: { readonly id: string; readonly digest: string } | undefined;
  readonly to?: { readonly user: string } | { readonly sessionId: string };
}

export interface Reply {
  readonly publish: readonly Outgoing[];
  readonly facts?: readonly FactChange[];
  readonly committed?: () => void;
  readonly cancelled?: () => void;
}

export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | { readonly type: 'rejected'; readonly code: string; readonly text: string }
  | { readonly type: 'unknown' };

interface Asked {
  readonly body: Buffer;
  readonly caller: Caller;
  /** Those that may be passed on. */
  readonly headers: Headers;
  /** All of them. */
  readonly sentHeaders: Headers;
}

/** A SEND or a SUBSCRIBE, before it is looked at. */
export interface Guarded extends Omit<Asked, 'sentHeaders'> {
  readonly command: 'SEND' | 'SUBSCRIBE';
  readonly destination: string;
}

export interface ApplicationPort {
  /** Whether `check` has anything to say at all. */
  readonly hasGuards: boolean;
  /** Whether this may be tried: `rejected` is no, all else is yes. */
  check(guarded: Guarded): Maybe<Answer<void>>;
  /** Whether clients keep out of this topic, but for what `open` lets in. */
  isPrivate(topicPath: string): boolean;
  /** Whether a handler decides who may subscribe to this topic. */
  hasTopicHandler(topicPath: string): boolean;
  send(path: string, asked: Asked): Maybe<Answer<Reply | undefined>>;
  ask(path: string, asked: Asked): Maybe<Answer<unknown>>;
  open(topicPath: string, asked: Asked): Answer<unknown>;
  sessionClosed(caller: Caller): void;
}
