// What routing needs of an application, in its own words: it knows no class of it.

export type Maybe<T> = T | Promise<T>;

type Headers = readonly (readonly [name: string, value: string])[];

export interface Caller {
  readonly sessionId: string;
  readonly user: string | null;
}

export interface Outgoing {
  readonly destination: string;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly isEphemeral?: boolean;
  readonly repeat?: { readonly id: string; readonly digest: string };
}

export interface Reply {
  readonly publish: readonly Outgoing[];
  readonly committed?: () => void;
}

export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | { readonly type: 'rejected'; readonly code: string; readonly text: string }
  | { readonly type: 'unknown' };

interface Asked {
  readonly body: Buffer;
  readonly caller: Caller;
  readonly headers: Headers;
}

export interface ApplicationPort {
  /** Whether clients keep out of this topic, but for what `open` lets in. */
  isPrivate(topicPath: string): boolean;
  send(path: string, asked: Asked): Maybe<Answer<Reply | undefined>>;
  ask(path: string, asked: Asked): Maybe<Answer<unknown>>;
  open(topicPath: string, asked: Asked): Answer<unknown>;
  sessionClosed(caller: Caller): void;
}
