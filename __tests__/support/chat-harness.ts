import type { Answer } from '../../broker/application/answer.ts';
import { Application } from '../../broker/application/application.ts';
import type { Caller } from '../../broker/application/request.ts';
import { createChatState } from '../../broker/assemble.ts';
import { Chat } from '../../broker/chat/chat.ts';
import { type Config, resolveConfig } from '../../broker/config.ts';
import {
  type AppendOptions,
  appendRefused,
  type Entry,
  type Publication,
} from '../../broker/engine/engine.ts';
import { MemoryEngine } from '../../broker/engine/memory-engine.ts';
import { RateLimits } from '../../broker/limits/rate-limits.ts';
import { chatDestinations, DEFAULT_PREFIXES } from '../../shared/destinations.ts';
import { FakeClock } from './fake-clock.ts';
import { later } from './later.ts';
import { memoryLog } from './memory-log.ts';
import { turns } from './turns.ts';

const destinations = chatDestinations(DEFAULT_PREFIXES);

/** The outcome of a SEND to the chat. */
export type Sent =
  | { readonly type: 'accepted' }
  | { readonly type: 'refused'; readonly code: string };

interface HarnessSettings extends Partial<Config> {
  /** True: membership, presence and rooms answer in a later turn of the event loop. */
  readonly answersLater?: boolean;
}

/** A chat on a memory engine. A test acts for the sessions, and sees what is published. */
export function chatHarness({ answersLater = false, ...settings }: HarnessSettings = {}) {
  const config = resolveConfig(settings);
  const clock = new FakeClock();
  const engine = new MemoryEngine({
    clock,
    keeps: (destination) => /^\/topic\/chat\/room\/[^/]+$/.test(destination),
    limits: config,
    overheadBytes: 0,
  });
  const published: Publication[] = [];
  void engine.start((batch) => void published.push(...batch));
  const appends: { readonly entries: readonly Entry[]; readonly facts: AppendOptions['facts'] }[] =
    [];
  let isRefusing = false;
  const append: MemoryEngine['append'] = (entries, options) => {
    if (isRefusing) return Promise.resolve(appendRefused('STORE_FAILED'));
    appends.push({ entries, facts: options?.facts });
    return engine.append(entries, options);
  };
  const given = { clock, destinations, log: memoryLog(), rates: new RateLimits(clock, config) };
  const state = createChatState(config, { ...given, engine });
  const chat = new Chat({
    ...given,
    membership: answersLater ? later(state.membership) : state.membership,
    presence: answersLater ? later(state.presence) : state.presence,
    rooms: answersLater ? later(state.rooms) : state.rooms,
    engine: {
      append,
      ends: (destination) => engine.ends(destination),
      epoch: engine.epoch,
      history: (query) => engine.history(query),
    },
    limits: config,
  });
  const application = chat.register(new Application());
  const callers = new Map<string, Caller>();
  const callerOf = (sessionId: string) =>
    callers.get(sessionId) ?? come(sessionId, { address: '192.0.2.1' });
  /** A new session with this address, or this user. */
  function come(sessionId: string, { address = '192.0.2.1', user = null }: Partial<Caller>) {
    const caller = { address, sessionId, user };
    callers.set(sessionId, caller);
    return caller;
  }
  const asked = (sessionId: string, body: unknown, headers: [string, string][] = []) => ({
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    caller: callerOf(sessionId),
    headers,
    sentHeaders: headers,
  });

  /** SENDs to the chat, and waits for the commit. */
  async function say(
    sessionId: string,
    body: unknown,
    headers: [string, string][] = [],
  ): Promise<Sent> {
    const answer = await application.send('/chat/message', asked(sessionId, body, headers));
    if (answer.type !== 'answered')
      return { type: 'refused', code: answer.type === 'rejected' ? answer.code : '' };
    const { publish = [], facts = [], committed, cancelled } = answer.value ?? {};
    if (publish.length + facts.length > 0) {
      const entries = publish.map(
        ({ destination, headers: own, body: bytes, isEphemeral, deduplication }) => ({
          destination,
          message: { headers: own, body: bytes },
          isEphemeral,
          deduplication,
        }),
      );
      const outcome = await append(entries, { facts, source: sessionId });
      if (outcome.type === 'refused') {
        cancelled?.();
        return { type: 'refused', code: outcome.code };
      }
    }
    committed?.();
    return { type: 'accepted' };
  }

  /** Messages that were published at a destination since the last call, as JSON. */
  async function heard(destination: string): Promise<Record<string, unknown>[]> {
    await turns();
    const here = published.filter((publication) => publication.destination === destination);
    for (const publication of here) published.splice(published.indexOf(publication), 1);
    return here.map(({ message }) => JSON.parse(message.body.toString()));
  }

  return {
    /** All appends, as the engine was given them. */
    appends,
    answered: async (path: string) => bodyOf(await application.ask(path, asked('asker', ''))),
    application,
    asked,
    bodyOf,
    chat,
    clock,
    come,
    close: (sessionId: string) => application.sessionClosed(callerOf(sessionId)),
    enter: (sessionId: string, sender: string, more: object = {}) =>
      say(sessionId, { type: 'ENTER', roomId: '7', sender, ...more }),
    heard,
    inRoom: (roomId = '7') => heard(destinations.roomOf(roomId)),
    leave: (sessionId: string, sender: string) =>
      say(sessionId, { type: 'LEAVE', roomId: '7', sender }),
    lobby: () => heard(destinations.lobby),
    open: (path: string) => decoded(application.open(path, asked('looker', ''))),
    presence: (roomId = '7') => heard(destinations.presenceOf(roomId)),
    published,
    /** Makes the store refuse every append, or accept them again. */
    refuses: (isSo: boolean) => {
      isRefusing = isSo;
    },
    rooms: state.rooms,
    say,
  };
}

/** Decodes the value of an answer, if it is encoded JSON. */
function decoded(answer: Answer<unknown>): Answer<unknown> {
  const value = answer.type === 'answered' ? askedValue(answer.value) : null;
  if (!Buffer.isBuffer(value)) return answer;
  return { type: 'answered', value: JSON.parse(value.toString()) };
}

/** A topic handler may return a function that is asked for the value. */
function askedValue(value: unknown): unknown {
  return typeof value === 'function' ? value() : value;
}

/** The encoded JSON of an answer. */
function bodyOf(answer: Answer<unknown>): Buffer {
  const value = answer.type === 'answered' ? askedValue(answer.value) : null;
  if (Buffer.isBuffer(value)) return value;
  throw new Error('no JSON was answered');
}
