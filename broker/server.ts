// Wires the parts. What a library user imports, and what main.ts runs.

import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { chatDestinations, type Prefixes } from '../shared/destinations.ts';
import { Application } from './application/application.ts';
import { Chat } from './chat/chat.ts';
import { type Clock, wallClock } from './clock.ts';
import { type Config, resolveConfig } from './config.ts';
import type { Engine } from './engine/engine.ts';
import { MemoryEngine } from './engine/memory-engine.ts';
import { httpApplication } from './http/http-application.ts';
import { type Log, silentLog } from './log.ts';
import { FanOut } from './routing/fan-out.ts';
import { Router } from './routing/router.ts';
import { SubscriptionIndex } from './routing/subscription-index.ts';
import { AppendBudget } from './session/append-budget.ts';
import type { BrokerParts } from './session/broker-parts.ts';
import { Pulse } from './session/pulse.ts';
import { Session } from './session/session.ts';
import { Connections } from './transport/connections.ts';
import { Endpoint } from './transport/endpoint.ts';
import { OriginPolicy } from './transport/origin.ts';
import { answerWithoutUpgrade, refuseUpgrade, wantsWebSocket } from './transport/upgrade.ts';
import { VERSION } from './version.ts';

export { Application } from './application/application.ts';
export { reject } from './application/rejection.ts';
export { sendTo } from './application/reply.ts';
export { type Config, ConfigError } from './config.ts';

/** What code may give a server besides its settings. */
export interface ServerOptions {
  /** Own handlers; the chat's are added to it. Default: none. */
  readonly application?: Application;
  /** Default: the clock on the wall. */
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: Log;
  /** The folder of the built page. Default: no page is served. */
  readonly pageFolder?: string;
}

/** How a socket's listen queue is sized: all clients of a restarted server come at once. */
const BACKLOG = 8_192;

/**
 * A broker with its chat, over HTTP.
 *
 * ```ts
 * const server = createServer({ port: 0 });
 * const { url } = await server.start();
 * await server.stop();
 * ```
 *
 * @throws ConfigError that names every setting that is wrong
 */
export function createServer(settings: Partial<Config> = {}, options: ServerOptions = {}): Server {
  return new Server(resolveConfig(settings), options);
}

export class Server {
  readonly #chat: Chat;
  readonly #config: Config;
  readonly #connections: Connections;
  readonly #endpoint: Endpoint;
  readonly #engine: Engine;
  readonly #fanOut: FanOut;
  readonly #http: HttpServer;
  readonly #log: Log;
  readonly #parts: BrokerParts;
  readonly #sessions = new Set<Session>();
  #isDraining = false;

  constructor(config: Config, { application, clock, log, pageFolder }: ServerOptions) {
    const index = new SubscriptionIndex();
    const prefixes = prefixesOf(config);
    this.#config = config;
    this.#log = log ?? silentLog;
    this.#engine = createEngine(config, prefixes);
    this.#fanOut = new FanOut(index, { unsentBytesMax: config.unsentBytesMax });
    this.#connections = new Connections(config);
    this.#chat = new Chat({
      clock: clock ?? wallClock,
      destinations: chatDestinations(prefixes),
      engine: this.#engine,
      limits: { ...config, membershipsPerSessionMax: config.membershipsMax },
      log: this.#log,
    });
    const handlers = this.#chat.register(application ?? new Application());
    this.#parts = {
      budget: new AppendBudget(config.pendingAppendsMax, () => this.#engine.pending),
      clock: clock ?? wallClock,
      engine: this.#engine,
      index,
      limits: config,
      log: this.#log,
      pulse: new Pulse(clock ?? wallClock, config.heartBeatMs),
      router: new Router(handlers, prefixes),
      serverName: `stomping-ground/${VERSION}`,
    };
    const origins = new OriginPolicy(config.allowOrigin, this.#log);
    this.#endpoint = this.#createEndpoint(origins);
    const app = httpApplication({
      admits: (request) => origins.admits(request),
      isDraining: () => this.#isDraining,
      log: this.#log,
      pageFolder: pageFolder ?? null,
      pageSettings: { endpoint: config.endpoint, prefixes },
      rooms: this.#chat.rooms,
    });
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      if (!this.#endpoint.request(request, response)) app(request, response);
    };
    this.#http = createHttpServer(answer);
    this.#http.on('upgrade', (request, socket: Socket, head) => {
      // Without a listener, a peer that resets its connection would end the process.
      socket.on('error', () => socket.destroy());
      if (!wantsWebSocket(request)) answerWithoutUpgrade(request, socket, answer);
      else if (!this.#endpoint.upgrade(request, socket, head)) refuseUpgrade(socket, 404);
    });
  }

  /** How many sessions are open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Starts the engine, then listens. Rejects if the port is taken, with the error's `code`. */
  async start(): Promise<{ readonly port: number; readonly url: string }> {
    const { host, port } = this.#config;
    await this.#engine.start((batch) => {
      this.#fanOut.deliver(batch);
      // What the chat itself appended is counted as well, and no session waits for it.
      this.#parts.budget.freed();
    });
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen({ host, port, backlog: BACKLOG }, () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    const taken = addressOf(this.#http).port;
    const shown = host.includes(':') ? `[${host}]` : host;
    return { port: taken, url: `http://${shown}:${taken}` };
  }

  /**
   * Answers 503 on `/healthz`, takes no new connections, tells every client with 1012 that it may
   * come back, and waits until they are gone, for `stopMs` at the most.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#connections.close();
    this.#chat.stop();
    for (const session of [...this.#sessions]) session.close('DRAINING');
    const deadline = Date.now() + this.#config.stopMs;
    while (this.#connections.total > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Drains, commits what is pending, and lets everything go. */
  async stop(): Promise<void> {
    await this.drain();
    this.#endpoint.stop();
    this.#parts.pulse.stop();
    await this.#engine.stop();
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
  }

  #createEndpoint(origins: OriginPolicy): Endpoint {
    const { bodyBytes, endpoint, headerBytes, headerCountMax, lingerMs, probeMs } = this.#config;
    return new Endpoint({
      accept: (transport) => {
        const session = new Session(transport, this.#parts, (ended) =>
          this.#sessions.delete(ended),
        );
        this.#sessions.add(session);
        return session;
      },
      clock: this.#parts.clock,
      connections: this.#connections,
      lingerMs,
      log: this.#log,
      // Escapes and JSON at most double a frame; beyond this no frame can be within its limits.
      messageBytesMax: 2 * (bodyBytes + headerCountMax * headerBytes) + 65_536,
      origins,
      prefix: endpoint,
      probeMs,
    });
  }
}

/**
 * What a message in memory costs besides its octets: objects, and what shares a block of Node's
 * buffer pool with its body (about 1.5 KiB were measured with bodies of 100 bytes).
 */
const KEPT_OVERHEAD_BYTES = 1_536;

function createEngine(config: Config, prefixes: Prefixes): Engine {
  const { historyBytes, historyCount, memoryBytes, streamsMax } = config;
  const room = chatDestinations(prefixes).roomOf('');
  return new MemoryEngine({
    historyBytes,
    historyBytesTotal: memoryBytes,
    historyCount,
    // What is said in rooms; their presence, which stands below them, is not.
    keeps: (destination) => destination.startsWith(room) && !destination.includes('/', room.length),
    overheadBytes: KEPT_OVERHEAD_BYTES,
    streamsMax,
  });
}

function prefixesOf(config: Config): Prefixes {
  const { appPrefix, queuePrefix, topicPrefix, userPrefix } = config;
  return { app: appPrefix, queue: queuePrefix, topic: topicPrefix, user: userPrefix };
}

function addressOf(server: HttpServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen');
  return address;
}
