import type { Answer } from '../application/answer.ts';
import type { Guarded } from '../application/guards.ts';
import type { ReplyWithFacts } from '../application/reply.ts';
import type { Asked, Caller } from '../application/request.ts';
import type { Maybe } from '../maybe.ts';

/** The part of an application that routing needs. It knows the types of one, and no class. */
export interface ApplicationPort {
  /** False: `check` lets everything pass. */
  readonly hasGuards: boolean;
  /** Asks the guards about a SEND or SUBSCRIBE: `rejected` is no, any other answer is yes. */
  check(guarded: Guarded): Maybe<Answer<void>>;
  /** True: clients are kept out of this topic, except where `open` lets them in. */
  isPrivate(topicPath: string): boolean;
  /** True: a handler decides who may subscribe to this topic. */
  hasTopicHandler(topicPath: string): boolean;
  /** Handles a SEND below the application prefix. */
  send(path: string, asked: Asked): Maybe<Answer<ReplyWithFacts | undefined>>;
  /** Answers a SUBSCRIBE below the application prefix. */
  ask(path: string, asked: Asked): Maybe<Answer<unknown>>;
  /** Lets a SUBSCRIBE to a topic in; the answer, if there is one, is its first MESSAGE. */
  open(topicPath: string, asked: Asked): Answer<unknown>;
  /** Hears that a session which was connected has ended. */
  sessionClosed(caller: Caller): void;
}
