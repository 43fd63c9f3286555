// Where a SEND or a SUBSCRIBE goes, by its destination. It decides and writes nothing: the
// session commits what a SEND makes, and tells its client.

import { createHash } from 'node:crypto';
import type { Prefixes } from '../../shared/destinations.ts';
import { DEDUPLICATION_ID, EPHEMERAL } from '../../shared/header-names.ts';
import type { Entry, RepeatKey } from '../engine/engine.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { type Header, headerOf } from '../stomp/frame.ts';
import type {
  Answer,
  ApplicationPort,
  Caller,
  Maybe,
  Outgoing,
  Reply,
} from './application-port.ts';
import { isPattern, sortDestination } from './destination.ts';
import { guarded } from './guarded.ts';
import { passedHeaders } from './passed-headers.ts';

/** A SEND, or what of a SUBSCRIBE a handler may see. */
export interface Sent {
  readonly destination: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface Refused {
  readonly type: 'refused';
  readonly code: string;
  readonly text: string;
}

/** What a SEND comes to. */
export type SendPlan =
  | {
      readonly type: 'append';
      readonly entries: readonly Entry[];
      readonly committed?: (() => void) | undefined;
    }
  | Refused;

/** What a SUBSCRIBE comes to. */
export type SubscribePlan =
  /** From now on what is published there; first of all `first`, as JSON. */
  | { readonly type: 'topic'; readonly first: Buffer | null }
  /** One answer for this subscriber, as JSON. */
  | { readonly type: 'answer'; readonly body: Buffer | null }
  /** What this session is refused. */
  | { readonly type: 'errors' }
  | Refused;

export class Router {
  readonly #application: ApplicationPort;
  readonly #prefixes: Prefixes;

  constructor(application: ApplicationPort, prefixes: Prefixes) {
    this.#application = application;
    this.#prefixes = prefixes;
  }

  /** Where this server tells a session what it was refused. */
  get errorsDestination(): string {
    return `${this.#prefixes.user}/queue/errors`;
  }

  /** Throws ProtocolError, or rejects with it, where no message can go. */
  planSend(sent: Sent, caller: Caller): Maybe<SendPlan> {
    const asked = { ...sent, caller, command: 'SEND' } as const;
    return guarded(this.#application, asked, () => this.#planSend(sent, caller));
  }

  /** Throws ProtocolError, or rejects with it, where nothing can be subscribed to. */
  planSubscribe(sent: Sent, caller: Caller): Maybe<SubscribePlan> {
    const asked = { ...sent, caller, command: 'SUBSCRIBE' } as const;
    return guarded(this.#application, asked, () => this.#planSubscribe(sent, caller));
  }

  #planSend(sent: Sent, caller: Caller): Maybe<SendPlan> {
    const { destination } = sent;
    if (isPattern(destination)) {
      throw new ProtocolError('UNKNOWN_DESTINATION', 'a SEND needs one destination, not a pattern');
    }
    const sorted = sortDestination(destination, this.#prefixes);
    switch (sorted.kind) {
      case 'app':
        return this.#planHandled(sorted.path, sent, caller);
      case 'topic':
        return this.#planTopic(sorted.path, sent);
      case 'queue':
      case 'user':
        throw new ProtocolError('UNSUPPORTED', `SEND to ${destination}`);
      case 'unknown':
        throw new ProtocolError('UNKNOWN_DESTINATION', destination);
    }
  }

  #planSubscribe(sent: Sent, caller: Caller): Maybe<SubscribePlan> {
    const { destination } = sent;
    if (isPattern(destination)) {
      throw new ProtocolError('UNSUPPORTED', `SUBSCRIBE to the pattern ${destination}`);
    }
    const asked = { body: sent.body, caller, headers: passedHeaders(sent.headers) };
    const sorted = sortDestination(destination, this.#prefixes);
    switch (sorted.kind) {
      case 'app':
        return settle(this.#application.ask(sorted.path, asked), planOfAnswer);
      case 'topic':
        return this.#planOpened(sorted.path, this.#application.open(sorted.path, asked));
      case 'user':
        if (destination === this.errorsDestination) return { type: 'errors' };
        throw new ProtocolError('UNSUPPORTED', `SUBSCRIBE to ${destination}`);
      case 'queue':
        throw new ProtocolError('UNSUPPORTED', `SUBSCRIBE to ${destination}`);
      case 'unknown':
        throw new ProtocolError('UNKNOWN_DESTINATION', destination);
    }
  }

  /** Tells the application that a session which was connected has ended. */
  sessionClosed(caller: Caller): void {
    this.#application.sessionClosed(caller);
  }

  #planHandled(path: string, sent: Sent, caller: Caller): Maybe<SendPlan> {
    const asked = { body: sent.body, caller, headers: passedHeaders(sent.headers) };
    return settle(this.#application.send(path, asked), (answer) => planOfReply(answer, sent));
  }

  #planTopic(path: string, { destination, headers, body }: Sent): SendPlan {
    if (this.#application.isPrivate(path)) {
      return refused('NOT_YOURS_TO_SEND', 'only the application sends here');
    }
    const repeatId = headerOf({ headers }, DEDUPLICATION_ID);
    const entry: Entry = {
      destination,
      message: { headers: passedHeaders(headers), body },
      isEphemeral: headerOf({ headers }, EPHEMERAL) === 'true',
      repeat: repeatId === undefined ? undefined : repeatKey(repeatId, body),
    };
    return { type: 'append', entries: [entry] };
  }

  #planOpened(path: string, answer: Answer<unknown>): SubscribePlan {
    switch (answer.type) {
      case 'answered':
        return { type: 'topic', first: jsonOf(answer.value) };
      case 'rejected':
        return refused(answer.code, answer.text);
      case 'unknown':
        // Nothing is ever published at a private topic that no handler knows.
        if (this.#application.isPrivate(path)) return noSuchDestination();
        return { type: 'topic', first: null };
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

function planOfReply(answer: Answer<Reply | undefined>, sent: Sent): SendPlan {
  switch (answer.type) {
    case 'answered': {
      const { publish = [], committed } = answer.value ?? {};
      const entries = publish.map((outgoing, at) => entryOf(outgoing, sent, at));
      return { type: 'append', entries, committed };
    }
    case 'rejected':
      return refused(answer.code, answer.text);
    case 'unknown':
      return noSuchDestination();
  }
}

/** The SEND's header counts before the id that the handler found in the body. */
function entryOf(outgoing: Outgoing, sent: Sent, at: number): Entry {
  const { destination, headers, body, isEphemeral, repeat } = outgoing;
  const repeatId = headerOf(sent, DEDUPLICATION_ID);
  // One SEND may make several messages, and none of them repeats the other.
  const own = repeatId === undefined || at === 0 ? repeatId : `${repeatId} ${at}`;
  const key = own === undefined ? repeat : repeatKey(own, sent.body, repeat?.digest);
  return { destination, message: { headers, body }, isEphemeral, repeat: key };
}

function repeatKey(id: string, body: Buffer, digest?: string): RepeatKey {
  return { id, digest: digest ?? createHash('sha256').update(body).digest('base64') };
}

/** Throws where a handler's value is nothing that JSON has; `undefined` is no message. */
function jsonOf(value: unknown): Buffer | null {
  return value === undefined ? null : Buffer.from(JSON.stringify(value));
}

function refused(code: string, text: string): Refused {
  return { type: 'refused', code, text };
}

function noSuchDestination(): Refused {
  return refused('NO_SUCH_DESTINATION', 'nothing answers at this destination');
}

/** As `then`, but what is there already is not waited for. */
function settle<T, U>(value: Maybe<T>, next: (value: T) => U): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
