// Creates the parts of a broker and connects them.

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

/** Options that only code can set; all others are settings. */
export interface BrokerOptions {
  /** The application's handlers; the chat adds its own. Default: none. */
  readonly application?: Application;
  /** Authenticates a client at its CONNECT. Default: every client is admitted without a name. */
  readonly authenticate?: Authenticate;
  /** Default: the system's clocks. */
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: Log;
}

export interface Assembled {
  readonly chat: Chat;
  /** The callback that the engine is started with. */
  readonly deliver: Deliver;
  readonly host: EngineHost;
  readonly parts: BrokerParts;
  readonly sessionsLog: SessionsLog;
}

/** @param observer is told what sessions do; `null`: nothing is told */
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

/** Memberships and rooms, kept by this process alone. */
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

/** The dependencies of sessions, routing and fan-out. */
export interface Ingredients
  extends Pick<BrokerParts, 'clock' | 'engine' | 'log' | 'observer' | 'rates' | 'serverName'> {
  readonly application: Application;
  readonly authenticate: Authenticate | undefined;
  /** Bytes that a queued message counts besides its octets. */
  readonly overheadBytes: number;
}

/** Creates sessions, routing and fan-out for any application and any engine. */
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
    // Appends of the chat itself use up the budget too, and no session is told when they settle.
    settled: () => parts.budget.freed(),
  };
  return { deliver, host, parts };
}

/**
 * Heap bytes of a message in memory besides its octets: its objects, and the rest of the pool block
 * that its body holds (about 1.5 KiB, measured with bodies of 100 bytes).
 */
const KEPT_OVERHEAD_BYTES = 1_536;

function createEngine(config: Config, prefixes: Prefixes, clock: Clock, log: Log): Engine {
  const room = chatDestinations(prefixes).roomOf('');
  // Only messages of rooms are kept. Presence, whose destination is below a room's, is not.
  const keeps = (destination: string) =>
    destination.startsWith(room) && !destination.includes('/', room.length);
  if (config.engine === 'memory') {
    return new MemoryEngine({ clock, keeps, limits: config, overheadBytes: KEPT_OVERHEAD_BYTES });
  }
  return new EmbeddedEngine({ clock, folder: config.dataDir, keeps, limits: config, log });
}

/** The destination prefixes of a configuration. */
export function prefixesOf(config: Config): Prefixes {
  const { appPrefix, queuePrefix, topicPrefix, userPrefix } = config;
  return { app: appPrefix, queue: queuePrefix, topic: topicPrefix, user: userPrefix };
}
