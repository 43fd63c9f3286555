// The broker without an HTTP server. Library users mount it on a server of their own; server.ts
// adds the page and a port.

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

/** Extension points of the test broker; other brokers leave them out. */
export interface Seams {
  readonly observer: Observer;
  /** Wraps the function that opens a session on each new transport. */
  between(accept: AcceptSession): Accept;
}

/** Events that a client can cause at will; each kind is logged once a minute. */
export type Warning = 'accept' | 'connection' | 'host' | 'http-timeout' | 'origin';

export type AcceptSession = (transport: Transport, handshake: Handshake) => Session;

/** Length of a socket's listen queue: after a restart all clients reconnect at the same time. */
export const BACKLOG = 8_192;

/**
 * Creates a broker, chat included, that can be mounted on an existing HTTP server.
 *
 * ```ts
 * const broker = createBroker();
 * broker.attach(httpServer);
 * await broker.start();
 * ```
 *
 * @throws ConfigError that names every invalid setting
 */
export function createBroker(settings: Partial<Config> = {}, options: BrokerOptions = {}): Broker {
  return new Broker(resolveConfig(settings), options);
}

export class Broker {
  /** Accepts a connection that did not arrive by HTTP or TCP. */
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
    // CONNECTED carries the engine's epoch, so no client is admitted before the engine has started.
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

  /** The state of the store, which says whether it accepts messages now. */
  get storeState(): EngineState {
    return this.#parts.engine.state;
  }

  /** The number of open sessions. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Starts the engine, admits clients, and listens for STOMP over TCP if a port is set. Rejects if the
   * store cannot be used, or with the system's `code` if the port is taken; the broker is stopped
   * again then.
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

  /** Listens for STOMP over TCP on a port of the caller's choice; resolves with the port in use. */
  listenTcp(port: number): Promise<number> {
    return this.#tcp.listen({ backlog: BACKLOG, host: this.config.host, port });
  }

  /**
   * Mounts the endpoint on this HTTP server, ahead of its present listeners. Those still get the
   * requests and upgrades for all other paths.
   */
  attach(http: HttpServer): void {
    mountEndpoint(this.#endpoint, http);
  }

  /** Applies the connection limits to all connections of an HTTP server used by the broker only. */
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
   * Publishes to a topic, a queue or `/user/{name}/queue/…` as the server: no guard is called, and
   * the application's private topics are allowed. Resolves once the message is committed.
   *
   * @param body text, or octets
   * @param headers headers of the MESSAGE; `x-ephemeral` and `x-deduplication-id` mean the same as
   *   in a SEND
   * @throws Rejection with the code of the limit that the message would exceed
   */
  async publish(
    destination: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Published> {
    const sent = { destination, headers: Object.entries(headers), body: Buffer.from(body) };
    return publish(await this.#parts.router.planPublish(sent), this.#parts.engine);
  }

  /**
   * Refuses new connections, closes every session with 1012, which lets clients reconnect, and
   * waits up to `stopMs` for all connections to close.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Drains, commits pending appends and releases all resources, except the HTTP server. */
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
      // Escapes and JSON at most double the size of the CONNECT frame.
      openingBytesMax: 2 * this.config.connectBytes,
      origins: this.origins,
      prefix: endpoint,
      probeMs,
      unsent: this.#parts.unsent,
    });
  }
}

/** Upper bound for a message within the frame limits: escapes and JSON at most double a frame. */
export function messageBytesMaxOf({ bodyBytes, headerBytes, headerCountMax }: Config): number {
  return 2 * (bodyBytes + headerCountMax * headerBytes) + 65_536;
}
