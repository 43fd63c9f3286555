// Makes the parts of a broker, and puts them together.

import { chatDestinations, type Prefixes } from '../shared/destinations.ts';
import { Application } from './application/application.ts';
import { type Authenticate, authenticatorOf } from './authentication.ts';
import { Chat, type ChatOptions, type ChatState } from './chat/chat.ts';
import { MemoryMembership } from './chat/memory-membership.ts';
import { MemoryPresence } from './chat/memory-presence.ts';
import { MemoryRoomDirectory } from './chat/memory-room-directory.ts';
import { SavedRooms } from './chat/saved-rooms.ts';
import { type Clock, wallClock } from './clock.ts';
import type { Config } from './config.ts';
import { EmbeddedEngine } from './engine/embedded/embedded-engine.ts';
import type { Deliver, Engine, EngineHost } from './engine/engine.ts';
import { MemoryEngine } from './engine/memory-engine.ts';
import { defaultBudgetBytes, MemoryBudget } from './limits/memory-budget.ts';
import { RateLimits } from './limits/rate-limits.ts';
import { SessionsLog } from './limits/throttled-log.ts';
import { UnsentPackets } from './limits/unsent-packets.ts';
import { type Log, silentLog } from './log.ts';
import { settle } from './maybe.ts';
import { FanOut } from './routing/fan-out.ts';
import { FollowedTopics } from './routing/followed-topics.ts';
import { HistoryPages } from './routing/history-pages.ts';
import { Queues } from './routing/queues.ts';
import { Router } from './routing/router.ts';
import { SubscriptionIndex } from './routing/subscription-index.ts';
import type { BrokerParts } from './session/broker-parts.ts';
import { AppendBudget } from './session/flow/append-budget.ts';
import { FairTurns } from './session/flow/fair-turns.ts';
import { InputTurns } from './session/flow/input-turns.ts';
import { Pulse } from './session/flow/pulse.ts';
import { SharedTails } from './session/formats/shared-tails.ts';
import type { Observer } from './session/observer.ts';
import { PatternShares } from './session/subscriptions/pattern-shares.ts';
import { VERSION } from './version.ts';

/** What code may give a broker besides its settings. */
export interface BrokerOptions {
  /** Own handlers; the chat's are added to it. Default: none. */
  readonly application?: Application;
  /** Says who a client is, at its CONNECT. Default: everyone is let in, without a name. */
  readonly authenticate?: Authenticate;
  /** Default: the clock on the wall. */
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: Log;
}

export interface Assembled {
  readonly chat: Chat;
  /** What the engine is to be started with. */
  readonly deliver: Deliver;
  readonly host: EngineHost;
  readonly parts: BrokerParts;
  readonly sessionsLog: SessionsLog;
}

/** @param observer hears what sessions do; `null`: nobody */
export function assemble(
  config: Config,
  options: BrokerOptions,
  observer: Observer | null,
): Assembled {
  const { application = new Application(), clock = wallClock, log = silentLog } = options;
  const prefixes = prefixesOf(config);
  const engine = createEngine(config, prefixes, clock, log);
  const rates = new RateLimits(clock, config);
  const sessionsLog = new SessionsLog(log, clock);
  const destinations = chatDestinations(prefixes);
  const given = { clock, destinations, engine, log: sessionsLog, rates };
  const chat = new Chat({ ...given, ...createChatState(config, given), limits: config });
  const { deliver, host, parts } = assembleParts(config, {
    application: chat.register(application),
    authenticate: options.authenticate,
    clock,
    engine,
    log: sessionsLog,
    observer,
    overheadBytes: KEPT_OVERHEAD_BYTES,
    rates,
    serverName: `stomping-ground/${VERSION}`,
  });
  return { chat, deliver, host, parts, sessionsLog };
}

/** Who is in which room, and which rooms exist, as far as this process knows. */
export function createChatState(
  config: Config,
  { clock, destinations, engine, log, rates }: ChatStateParts,
) {
  const { gatherMs, graceMs, presenceNamesMax: namesMax, restartGraceMs, roomsMax } = config;
  const facts = () => engine.facts;
  return {
    membership: new MemoryMembership({
      clock,
      facts,
      graceMs,
      membershipsPerSessionMax: config.membershipsMax,
      restartGraceMs,
    }),
    presence: new MemoryPresence({ clock, gatherMs, namesMax }),
    rooms: new MemoryRoomDirectory({
      clock,
      hasHistory: (roomId) => {
        return settle(engine.ends(destinations.roomOf(roomId)), (ends) => {
          return ends !== null && ends.oldest <= ends.head;
        });
      },
      idleMs: config.roomIdleSeconds * 1_000,
      listMax: config.roomListMax,
      log,
      roomsMax,
      saved: new SavedRooms(facts),
      takeNewRoom: (address) => rates.takeNewRoom(address),
    }),
  } satisfies ChatState;
}

interface ChatStateParts extends Pick<ChatOptions, 'clock' | 'destinations' | 'log'> {
  readonly engine: Pick<Engine, 'ends' | 'facts'>;
  readonly rates: Pick<RateLimits, 'takeNewRoom'>;
}

/** What sessions, routing and fan-out are made of, whatever the application and the store are. */
export interface Ingredients
  extends Pick<BrokerParts, 'clock' | 'engine' | 'log' | 'observer' | 'rates' | 'serverName'> {
  readonly application: Application;
  readonly authenticate: Authenticate | undefined;
  /** What a message in a queue counts besides its octets. */
  readonly overheadBytes: number;
}

/** Sessions, routing and fan-out, put together. */
export function assembleParts(
  config: Config,
  { application, authenticate: hook, overheadBytes, ...given }: Ingredients,
): Pick<Assembled, 'deliver' | 'host' | 'parts'> {
  const { clock, engine, log } = given;
  const prefixes = prefixesOf(config);
  const authenticate = authenticatorOf(hook, config.trustLogin);
  const memory = new MemoryBudget({
    bytesMax: config.memoryBudgetBytes ?? defaultBudgetBytes(),
    clock,
    log,
  });
  const queues = new Queues({
    clock,
    limits: config,
    log,
    memory,
    overheadBytes,
    prefix: prefixes.queue,
  });
  memory.addStore(queues);
  const router = new Router({
    application,
    knowsUsers: authenticate !== null,
    opensPrivateToPatterns: config.patternsSeePrivate,
    prefixes,
    queues,
  });
  const index = new SubscriptionIndex(
    (destination) => router.hidesFromPatterns(destination),
    new FollowedTopics(engine),
  );
  const tails = new SharedTails();
  const fanOut = new FanOut(index, config, clock, tails);
  const parts: BrokerParts = {
    ...given,
    authenticate,
    budget: new AppendBudget(engine, config),
    index,
    inputTurns: new InputTurns(clock),
    limits: config,
    memory,
    pages: new HistoryPages(engine, config),
    patterns: new PatternShares(index, config),
    pulse: new Pulse(clock, config.heartBeatMs),
    queues,
    router,
    tails,
    turns: new FairTurns({ clock, isCommitting: () => engine.pending > 0 }),
    unsent: new UnsentPackets(memory),
  };
  const deliver: Deliver = (batch) => {
    return settle(fanOut.deliver(batch), () => parts.turns.committed());
  };
  memory.addStore(engine);
  const host: EngineHost = {
    hasRoom: (bytes) => memory.hasRoomInStores(bytes),
    // What the chat itself appended is counted as well, and no session waits for it.
    settled: () => parts.budget.freed(),
  };
  return { deliver, host, parts };
}

/**
 * What a message in memory costs besides its octets: objects, and what shares a block of Node's
 * buffer pool with its body (about 1.5 KiB were measured with bodies of 100 bytes).
 */
const KEPT_OVERHEAD_BYTES = 1_536;

function createEngine(config: Config, prefixes: Prefixes, clock: Clock, log: Log): Engine {
  const room = chatDestinations(prefixes).roomOf('');
  // What is said in rooms; their presence, which stands below them, is not.
  const keeps = (destination: string) =>
    destination.startsWith(room) && !destination.includes('/', room.length);
  if (config.engine === 'memory') {
    return new MemoryEngine({ clock, keeps, limits: config, overheadBytes: KEPT_OVERHEAD_BYTES });
  }
  return new EmbeddedEngine({ clock, folder: config.dataDir, keeps, limits: config, log });
}

/** The prefixes that the settings give. */
export function prefixesOf(config: Config): Prefixes {
  const { appPrefix, queuePrefix, topicPrefix, userPrefix } = config;
  return { app: appPrefix, queue: queuePrefix, topic: topicPrefix, user: userPrefix };
}
