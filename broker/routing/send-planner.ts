// Plans SENDs by their destination: messages for the engine, room in queues, or a reply of the
// application. Nothing of a plan has happened yet.

import { DEDUPLICATION_ID, EPHEMERAL } from '../../shared/header-names.ts';
import type { Answer } from '../application/answer.ts';
import type { Outgoing, ReplyWithFacts } from '../application/reply.ts';
import type { Caller } from '../application/request.ts';
import type { Message } from '../engine/engine.ts';
import { type Maybe, settle } from '../maybe.ts';
import { ProtocolError } from '../stomp/errors.ts';
import { headerOf } from '../stomp/frame.ts';
import { deduplicationKey, duplicateOf } from './deduplication-key.ts';
import { sortDestination } from './destination.ts';
import { joinPlans } from './joined-plans.ts';
import { passedHeaders, programHeaders } from './passed-headers.ts';
import { isPattern } from './pattern.ts';
import { accepted, noSuchDestination, type Refused, refused, type SendPlan } from './plans.ts';
import { QUEUE_REFUSALS, type QueueRefusal, type Reservation } from './queues.ts';
import type { RouterOptions, Sent } from './router-options.ts';
import {
  ERRORS_PATH,
  isOwnPath,
  sessionTopic,
  type UserAddress,
  userAddressOf,
  userTopic,
} from './user-destination.ts';

/** The reply of a handler that returns nothing, as JavaScript allows. */
const NOTHING: Partial<ReplyWithFacts> = {};

export class SendPlanner {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Throws ProtocolError where no message can go. */
  plan(sent: Sent, caller: Caller): Maybe<SendPlan> {
    const { destination } = sent;
    if (isPattern(destination)) {
      throw new ProtocolError('UNKNOWN_DESTINATION', 'a SEND needs one destination, not a pattern');
    }
    const sorted = sortDestination(destination, this.#options.prefixes);
    switch (sorted.kind) {
      case 'app':
        return this.#planHandled(sorted.path, sent, caller);
      case 'topic':
        if (this.#options.application.isPrivate(sorted.path)) return notYoursToSend();
        return this.#planTopic(destination, sent, messageOf(sent));
      case 'queue':
        return this.#planPut(destination, messageOf(sent), caller);
      case 'user':
        return this.#planUser(userAddressOf(sorted.path), sent);
      case 'unknown':
        throw new ProtocolError('UNKNOWN_DESTINATION', destination);
    }
  }

  /**
   * Plans a message of the server's own, which may go where no client sends. A wrong destination
   * is a bug.
   */
  planPublish(sent: Sent): Maybe<SendPlan> {
    const { destination } = sent;
    const { knowsUsers, prefixes } = this.#options;
    checkProgram(sent);
    const sorted = sortDestination(destination, prefixes);
    const message = { headers: programHeaders(sent.headers), body: sent.body };
    if (!isPattern(destination)) {
      if (sorted.kind === 'topic') return this.#planTopic(destination, sent, message);
      if (sorted.kind === 'queue') return this.#planPut(destination, message, null);
    }
    const address = sorted.kind === 'user' ? userAddressOf(sorted.path) : null;
    if (address === null) throw new Error(`nothing can be published at ${destination}`);
    return knowsUsers ? this.#planTopic(userTopic(address), sent, message) : noUsers();
  }

  #planHandled(path: string, sent: Sent, caller: Caller): Maybe<SendPlan> {
    const { body, headers } = sent;
    const asked = { body, caller, headers: passedHeaders(headers), sentHeaders: headers };
    const answer = this.#options.application.send(path, asked);
    return settle(answer, (settled) => this.#planOfReply(settled, sent, caller));
  }

  #planTopic(destination: string, sent: Sent, message: Message): SendPlan {
    const deduplicationId = headerOf(sent, DEDUPLICATION_ID);
    const isEphemeral = headerOf(sent, EPHEMERAL) === 'true';
    const deduplication =
      deduplicationId === undefined ? undefined : deduplicationKey(deduplicationId, sent.body);
    return accepted({ entries: [{ destination, message, isEphemeral, deduplication }] });
  }

  #planPut(destination: string, message: Message, caller: Caller | null): Maybe<SendPlan> {
    return settle(this.#options.queues.reserve(destination, message, caller), planOfReservation);
  }

  #planUser(address: UserAddress | null, sent: Sent): SendPlan {
    if (address === null) throw new ProtocolError('UNKNOWN_DESTINATION', sent.destination);
    if (address.path === ERRORS_PATH) return notYoursToSend();
    if (!this.#options.knowsUsers) return noUsers();
    return this.#planTopic(userTopic(address), sent, messageOf(sent));
  }

  #planOfReply(
    answer: Answer<ReplyWithFacts | undefined>,
    sent: Sent,
    caller: Caller,
  ): Maybe<SendPlan> {
    if (answer.type === 'rejected') return refused(answer.code, answer.text);
    if (answer.type === 'unknown') return noSuchDestination();
    const reply: Partial<ReplyWithFacts> = answer.value ?? NOTHING;
    try {
      const plan = this.#planPublished(reply.publish ?? [], sent, caller);
      if (!(plan instanceof Promise)) return completed(plan, reply);
      return plan.then(
        (made) => completed(made, reply),
        (error: unknown) => giveUpReply(reply, error),
      );
    } catch (error) {
      return giveUpReply(reply, error);
    }
  }

  #planPublished(publish: readonly Outgoing[], sent: Sent, caller: Caller): Maybe<SendPlan> {
    const [first] = publish;
    return first !== undefined && publish.length === 1
      ? this.#planOutgoing(first, sent, caller, 0)
      : joinPlans(publish, (outgoing, at) => this.#planOutgoing(outgoing, sent, caller, at));
  }

  /** Plans what a handler publishes. Its destination is the program's, so a wrong one is a bug. */
  #planOutgoing(outgoing: Outgoing, sent: Sent, caller: Caller, at: number): Maybe<SendPlan> {
    const { body, destination, headers, isEphemeral, to } = outgoing;
    checkProgram(outgoing);
    const message = { headers: programHeaders(headers), body };
    const sorted = sortDestination(destination, this.#options.prefixes);
    // A destination made of a client's words may be a pattern, whose subscribers would hear it
    // twice.
    const isOne = to === undefined && !isPattern(destination);
    if (isOne && sorted.kind === 'queue') return this.#planPut(destination, message, caller);
    const topic = isOne && sorted.kind === 'topic' ? destination : this.#topicOf(to, destination);
    if (topic === null) throw new Error(`nothing can be published at ${destination}`);
    if (to !== undefined && 'user' in to && !this.#options.knowsUsers) return noUsers();
    const deduplication = duplicateOf(outgoing, sent, at);
    return accepted({ entries: [{ destination: topic, message, isEphemeral, deduplication }] });
  }

  #topicOf(to: Outgoing['to'], path: string): string | null {
    if (to === undefined || !isOwnPath(path)) return null;
    return 'user' in to ? userTopic({ user: to.user, path }) : sessionTopic(to.sessionId, path);
  }
}

/** A handler's reply: the messages that it publishes, and the actions that go with them. */
function completed(
  plan: SendPlan,
  { cancelled, committed, facts }: Partial<ReplyWithFacts>,
): SendPlan {
  if (plan.type === 'refused') {
    cancelled?.();
    return plan;
  }
  // Most replies have nothing besides what they publish.
  if (cancelled === undefined && committed === undefined && facts === undefined) return plan;
  return accepted({
    cancelled: cancelled && [cancelled],
    committed: committed && [committed],
    entries: plan.entries,
    facts,
    puts: plan.puts,
  });
}

/** Rethrows the error of a reply that could not be planned. */
function giveUpReply({ cancelled }: Partial<ReplyWithFacts>, error: unknown): never {
  cancelled?.();
  throw error;
}

function planOfReservation(reserved: Reservation | QueueRefusal): SendPlan {
  if (typeof reserved === 'string') return refused(reserved, QUEUE_REFUSALS[reserved]);
  return accepted({ puts: [reserved] });
}

function messageOf({ headers, body }: Sent): Message {
  return { headers: passedHeaders(headers), body };
}

/**
 * Checks what a program publishes at runtime, because it may be made of a client's words.
 * Unchecked, it would fail in the middle of a commit that others share.
 */
function checkProgram({ headers, body }: Message): void {
  if (!headers.every(areTexts) || !Buffer.isBuffer(body)) {
    throw new TypeError('what is published has texts for headers, and a Buffer for its body');
  }
}

function areTexts([name, value]: readonly unknown[]): boolean {
  return typeof name === 'string' && typeof value === 'string';
}

function notYoursToSend(): Refused {
  return refused('NOT_YOURS_TO_SEND', 'only the application sends here');
}

function noUsers(): Refused {
  return refused(
    'NO_USERS',
    'sessions have no users here: set an authentication, or --trust-login',
  );
}
