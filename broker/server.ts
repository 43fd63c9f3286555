// The server that main.ts runs: the broker with the page, the REST interface and a port.

import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { BACKLOG, Broker, type BrokerOptions } from './broker.ts';
import { type Config, resolveConfig } from './config.ts';
import { httpApplication, type Readiness } from './http/http-application.ts';
import { refuseHost } from './transport/host.ts';
import { type HttpConnections, httpServerOptions } from './transport/http-connections.ts';

/** The folder of the page that comes with the package. It exists only where the package is built. */
export const pageFolder: string = fileURLToPath(new URL('../web', import.meta.url));

/** Options that only code can set; all others are settings. */
export interface ServerOptions extends BrokerOptions {
  /** The folder of a built page, such as `pageFolder`. Default: no page is served. */
  readonly pageFolder?: string;
}

/** The addresses that a started server listens at. */
export interface Listening {
  readonly port: number;
  /** `null`: STOMP over TCP is off. */
  readonly tcpPort: number | null;
  readonly url: string;
}

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
  readonly broker: Broker;
  readonly #config: Config;
  readonly #connections: HttpConnections;
  readonly #http: HttpServer;
  #isDraining = false;

  constructor(config: Config, { pageFolder, ...options }: ServerOptions) {
    this.#config = config;
    this.broker = new Broker(config, options);
    const { chat, clients, hosts, log, origins, prefixes, rates } = this.broker;
    const app = httpApplication({
      admits: (request) => origins.admits(request),
      clientOf: (request) => clients.of(request),
      isAskedRightly: (request, response) => {
        if (hosts.admits(request)) return true;
        refuseHost(request, response);
        return false;
      },
      log,
      pageFolder: pageFolder ?? null,
      pageSettings: { endpoint: config.endpoint, prefixes },
      history: chat.history,
      readiness: () => this.#readiness(),
      rooms: chat.rooms,
      takePage: (request) => rates.takePage(clients.of(request).address),
    });
    this.#http = createHttpServer(httpServerOptions(config), app);
    this.broker.attach(this.#http);
    this.#connections = this.broker.watch(this.#http);
  }

  /** The number of open sessions. */
  get sessionCount(): number {
    return this.broker.sessionCount;
  }

  /**
   * Starts the engine, then listens. Rejects if the store cannot be used, or with the system's `code`
   * if a port is taken; everything that was started is stopped again.
   */
  async start(): Promise<Listening> {
    const { host, port } = this.#config;
    const { tcpPort } = await this.broker.start();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#http.once('error', reject);
        this.#http.listen({ host, port, backlog: BACKLOG }, () => {
          this.#http.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      this.#connections.stop();
      await this.broker.stop();
      throw error;
    }
    const { address, port: taken } = addressOf(this.#http);
    this.broker.hosts.listensAt(address);
    const shown = host.includes(':') ? `[${host}]` : host;
    return { port: taken, tcpPort, url: `http://${shown}:${taken}` };
  }

  /**
   * Answers 503 on `/readyz` and `/healthz`, refuses new connections, closes every session with 1012,
   * after which clients may reconnect, and waits up to `stopMs` until all are closed.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.broker.drain();
  }

  /** Drains, commits pending appends and releases all resources. */
  async stop(): Promise<void> {
    await this.drain();
    // HTTP closes before the store, so that no request reads a closed store.
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    this.#connections.stop();
    await this.broker.stop();
    await closed;
  }

  #readiness(): Readiness {
    if (this.#isDraining) return { ready: false, reason: 'draining' };
    const { storeState } = this.broker;
    if (storeState === 'accepting') return { ready: true };
    return { ready: false, reason: `store ${storeState}` };
  }
}

function addressOf(server: HttpServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen');
  return address;
}
