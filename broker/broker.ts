// The broker without an HTTP server of its own: what a library user mounts on theirs, and what
// server.ts puts its page and its port around.

import type { Server as HttpServer } from 'node:http';
import type { Prefixes } from '../shared/destinations.ts';
import { assemble, type BrokerOptions, prefixesOf } from './assemble.ts';
import type { Chat } from './chat/chat.ts';
import { wallClock } from './clock.ts';
import { type Config, resolveConfig } from './config.ts';
import type { Deliver, EngineHost, EngineState } from './engine/engine.ts';
import type { RateLimits } from './limits/rate-limits.ts';
import { type SessionsLog, ThrottledLog } from './limits/throttled-log.ts';
import { type Log, silentLog } from './log.ts';
import { type Published, publish } from './publish.ts';
import type { BrokerParts } from './session/broker-parts.ts';
import type { Observer } from './session/observer.ts';
import { Session } from './session/session.ts';
import { Clients } from './transport/client-address.ts';
import { Connections } from './transport/connections.ts';
import { Endpoint } from './transport/endpoint.ts';
import { HostPolicy } from './transport/host.ts';
import { HttpConnections } from './transport/http-connections.ts';
import { mountEndpoint } from './transport/mount.ts';
import { OriginPolicy } from './transport/origin.ts';
import { TcpEndpoint } from './transport/tcp-endpoint.ts';
import type { Accept, Handshake, Transport } from './transport/transport.ts';

export type { BrokerOptions } from './assemble.ts';

/** Where a test broker gets in; any other broker has none. */
export interface Seams {
  readonly observer: Observer;
  /** Puts something between transports and sessions. */
  between(accept: AcceptSession): Accept;
}

/** Events that a client can cause at will; each kind is logged once a minute. */
export type Warning = 'accept' | 'connection' | 'host' | 'http-timeout' | 'origin';

export type AcceptSession = (transport: Transport, handshake: Handshake) => Session;

/** How a socket's listen queue is sized: all clients of a restarted server come at once. */
export const BACKLOG = 8_192;

/**
 * A broker with its chat, to be mounted on an HTTP server of one's own.
 *
 * ```ts
 * const broker = createBroker();
 * broker.attach(httpServer);
 * await broker.start();
 * ```
 *
 * @throws ConfigError that names every setting that is wrong
 */
export function createBroker(settings: Partial<Config> = {}, options: BrokerOptions = {}): Broker {
  return new Broker(resolveConfig(settings), options);
}

export class Broker {
  /** Takes connections over that came in another way than by HTTP or TCP. */
  readonly accept: Accept;
  readonly chat: Chat;
  readonly clients: Clients;
  readonly config: Config;
  readonly hosts: HostPolicy;
  readonly log: Log;
  readonly origins: OriginPolicy;
  readonly rates: RateLimits;
  readonly warnings: ThrottledLog<Warning>;
  readonly #connections: Connections;
  readonly #endpoint: Endpoint;
  readonly #deliver: Deliver;
  readonly #host: EngineHost;
  readonly #parts: BrokerParts;
  readonly #sessionsLog: SessionsLog;
  readonly #sessions = new Set<Session>();
  readonly #tcp: TcpEndpoint;
  #drained: Promise<void> | null = null;

  constructor(config: Config, options: BrokerOptions, seams?: Seams) {
    const { clock = wallClock, log = silentLog } = options;
    this.config = config;
    this.log = log;
    this.warnings = new ThrottledLog(log, clock);
    this.clients = new Clients(config.trustProxy);
    const { allowHost, allowOrigin } = config;
    const known = { clients: this.clients, warnings: this.warnings };
    this.hosts = new HostPolicy({ allowHost, allowOrigin, ...known });
    this.origins = new OriginPolicy({ allowed: allowOrigin, ...known });
    const assembled = assemble(config, options, seams?.observer ?? null);
    const { chat, deliver, host, parts, sessionsLog } = assembled;
    this.rates = parts.rates;
    this.#connections = new Connections(config, parts.rates, {
      isServed: () => parts.engine.state !== 'given-up',
      warnings: this.warnings,
    });
    // Nobody can be told anything before the engine has started.
    this.#connections.close();
    this.chat = chat;
    this.#deliver = deliver;
    this.#host = host;
    this.#parts = parts;
    this.#sessionsLog = sessionsLog;
    const acceptSession = this.#createAccept();
    this.accept = seams === undefined ? acceptSession : seams.between(acceptSession);
    this.#endpoint = this.#createEndpoint();
    this.#tcp = new TcpEndpoint({
      accept: this.accept,
      clock,
      connections: this.#connections,
      lingerMs: config.lingerMs,
      unsent: parts.unsent,
      warnings: this.warnings,
    });
  }

  get prefixes(): Prefixes {
    return prefixesOf(this.config);
  }

  /** The state of the store: whether it takes messages now. */
  get storeState(): EngineState {
    return this.#parts.engine.state;
  }

  /** How many sessions are open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Starts the engine, lets clients in, and listens for STOMP over TCP if a port is set. Rejects if
   * the store cannot be used, or if the port is taken, with the error's `code`; nothing of it is
   * started then.
   */
  async start(): Promise<{ readonly tcpPort: number | null }> {
    if (this.config.trustLogin) {
      this.log.warn(
        {},
        '--trust-login: a client is whoever it says it is, and no passcode is asked',
      );
    }
    await this.#parts.engine.start(this.#deliver, this.#host);
    await this.chat.restore();
    this.#connections.reopen();
    const { tcpPort } = this.config;
    try {
      return { tcpPort: tcpPort === null ? null : await this.listenTcp(tcpPort) };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Listens for STOMP over TCP, wherever the settings do not say so; gives the port it took. */
  listenTcp(port: number): Promise<number> {
    return this.#tcp.listen({ backlog: BACKLOG, host: this.config.host, port });
  }

  /**
   * Serves the endpoint on this HTTP server, before the listeners that it has. Everything else
   * stays theirs: requests and upgrades of other paths as well.
   */
  attach(http: HttpServer): void {
    mountEndpoint(this.#endpoint, http);
  }

  /** Looks after all connections of an HTTP server that is the broker's alone. */
  watch(http: HttpServer): HttpConnections {
    const { clients, config: limits, warnings } = this;
    const { clock } = this.#parts;
    return new HttpConnections(http, {
      clients,
      clock,
      connections: this.#connections,
      limits,
      warnings,
    });
  }

  /**
   * Publishes as the server: at a topic, a queue, or `/user/{name}/queue/…`. No guard is asked, and
   * the topics that are the application's own are open as well. Resolves when it is committed.
   *
   * @param body text, or octets as they are
   * @param headers what receivers get; `x-ephemeral` and `x-deduplication-id` mean what they do
   *   in a SEND
   * @throws Rejection with the code of whatever has no room for it
   */
  async publish(
    destination: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Published> {
    const sent = { destination, headers: Object.entries(headers), body: Buffer.from(body) };
    return publish(this.#parts.router.planPublish(sent), this.#parts.engine);
  }

  /**
   * Takes no new connections, tells every client with 1012 that it may come back, and waits until
   * they are gone, for `stopMs` at the most.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Drains, commits what is pending, and lets everything go; the HTTP server is left alone. */
  async stop(): Promise<void> {
    await this.drain();
    this.#endpoint.stop();
    await this.#tcp.stop();
    this.#parts.pulse.stop();
    this.#parts.queues.stop();
    await this.#parts.engine.stop();
    this.warnings.flush();
    this.#sessionsLog.flush();
  }

  async #drain(): Promise<void> {
    this.#connections.close();
    this.chat.stop();
    for (const session of [...this.#sessions]) session.close('DRAINING');
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(this.config.stopMs, resolve);
      void this.#connections.whenEmpty().then(() => {
        cancel();
        resolve();
      });
    });
  }

  #createAccept(): AcceptSession {
    const forget = (session: Session) => this.#sessions.delete(session);
    return (transport, handshake) => {
      const session = new Session(transport, handshake, this.#parts, forget);
      this.#sessions.add(session);
      return session;
    };
  }

  #createEndpoint(): Endpoint {
    const { endpoint, lingerMs, probeMs } = this.config;
    return new Endpoint({
      accept: this.accept,
      clients: this.clients,
      clock: this.#parts.clock,
      connections: this.#connections,
      hosts: this.hosts,
      lingerMs,
      log: this.log,
      messageBytesMax: messageBytesMaxOf(this.config),
      // Escapes and JSON at most double it, as with all messages.
      openingBytesMax: 2 * this.config.connectBytes,
      origins: this.origins,
      prefix: endpoint,
      probeMs,
      unsent: this.#parts.unsent,
    });
  }
}

/** Escapes and JSON at most double a frame; beyond this no frame can be within its limits. */
export function messageBytesMaxOf({ bodyBytes, headerBytes, headerCountMax }: Config): number {
  return 2 * (bodyBytes + headerCountMax * headerBytes) + 65_536;
}
