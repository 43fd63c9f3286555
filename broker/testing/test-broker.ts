// A broker for tests: the real one, in the process of the test, without a port unless `listen` is
// called. sightings.ts records what clients do, and faults.ts makes the broker misbehave.

import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { Broker, type BrokerOptions, messageBytesMaxOf } from '../broker.ts';
import { type Clock, wallClock } from '../clock.ts';
import { type Config, resolveConfig } from '../config.ts';
import type { Published } from '../publish.ts';
import type { Handshake } from '../transport/transport.ts';
import { tally } from './explain.ts';
import { type Faults, PlannedFaults } from './faults.ts';
import { MemoryTransport } from './memory-transport.ts';
import { MemoryWebSocket } from './memory-web-socket.ts';
import { type OpenSubscription, type ReceivedMessage, Sightings } from './sightings.ts';
import { Waits } from './waits.ts';

/** A condition to wait for. */
export interface Expected {
  /** Number that must be there. Default: 1. */
  readonly count?: number;
  /** Time after which the wait rejects and reports what was there instead. Default: 5000. */
  readonly timeoutMs?: number;
}

/** The HTTP request below a connection, for an authentication that reads it. */
export interface WebSocketOptions {
  /** A request with an `origin` is that of a browser. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly query?: string;
}

const CONNECTING = 0;
const TIMEOUT_MS = 5_000;

/**
 * Like the system's clock, but its timers keep the process alive, because a test waits for them.
 */
const waitingClock: Pick<Clock, 'after'> = {
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * A broker for a test, ready at once.
 *
 * ```ts
 * const broker = createTestBroker();
 * const client = new Client({ webSocketFactory: broker.webSocketFactory });
 * client.activate();
 * await broker.subscribed('/topic/news');
 * await broker.publish('/topic/news', 'hello');
 * await broker.stop();
 * ```
 *
 * @param options as for `createBroker`; a clock that is passed in also measures the waits
 * @throws ConfigError that names every setting that is wrong
 */
export function createTestBroker(
  settings: Partial<Omit<Config, 'dataDir' | 'engine'>> = {},
  options: BrokerOptions = {},
): TestBroker {
  return new TestBroker(resolveConfig({ port: 0, ...settings, engine: 'memory' }), options);
}

export class TestBroker {
  /** Makes the broker misbehave. */
  readonly faults: Faults;
  /** For `@stomp/stompjs`: each call opens a new connection. */
  readonly webSocketFactory = (): MemoryWebSocket => this.webSocket();
  readonly #broker: Broker;
  readonly #sightings: Sightings;
  readonly #started: Promise<unknown>;
  readonly #waits: Waits;
  #http: HttpServer | null = null;
  #isStopped = false;

  constructor(config: Config, options: BrokerOptions) {
    const { clock = wallClock } = options;
    const faults = new PlannedFaults({ clock, lingerMs: config.lingerMs });
    this.faults = faults;
    this.#waits = new Waits(options.clock ?? waitingClock);
    this.#sightings = new Sightings(() => this.#waits.changed());
    // Ports are opened by `listen` only.
    const portless: Config = { ...config, tcpPort: null };
    this.#broker = new Broker(portless, options, {
      observer: this.#sightings,
      between: (accept) => faults.between(accept),
    });
    this.#started = this.#broker.start();
  }

  /** Number of open sessions. */
  get sessionCount(): number {
    return this.#broker.sessionCount;
  }

  /** Opens a new connection without a network, which a client uses as a plain WebSocket. */
  webSocket({ headers = {}, query = '' }: WebSocketOptions = {}): MemoryWebSocket {
    const path = `${this.#broker.config.endpoint}/websocket`;
    const url = query === '' ? path : `${path}?${query}`;
    const client = new MemoryWebSocket(`ws://test-broker${url}`);
    void this.#started.then(() => this.#open(client, { headers, url }));
    return client;
  }

  /**
   * Listens on free ports, for clients that need a network: one for HTTP and WebSocket, one for
   * TCP.
   */
  async listen(): Promise<{ readonly tcpPort: number; readonly url: string }> {
    if (this.#http !== null) throw new Error('the test broker listens already');
    await this.#started;
    const { host } = this.#broker.config;
    const http = createHttpServer((_request, response) => response.writeHead(404).end());
    this.#http = http;
    this.#broker.attach(http);
    const tcpPort = await this.#broker.listenTcp(0);
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen({ host, port: this.#broker.config.port }, resolve);
    });
    const address = http.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { tcpPort, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  }

  /** Publishes as the server, not as a client. Resolves when the message is committed. */
  async publish(
    destination: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Published> {
    await this.#started;
    return this.#broker.publish(destination, body, headers);
  }

  /**
   * Resolves with the subscriptions of all clients to this destination, as soon as there are
   * enough. Messages that are published from then on reach them.
   */
  subscribed(destination: string, expected: Expected = {}): Promise<readonly OpenSubscription[]> {
    const { count = 1, timeoutMs = TIMEOUT_MS } = expected;
    const open = () =>
      this.#sightings.subscriptions.filter((one) => one.destination === destination);
    return this.#waits.until({
      timeoutMs,
      look: () => (open().length >= count ? open() : null),
      explain: () => {
        const all = tally(this.#sightings.subscriptions.map((one) => one.destination));
        return `${open().length} of ${count} subscriptions to ${destination} are open; open are: ${all}`;
      },
    });
  }

  /**
   * Resolves with the messages that clients have sent to this destination, or that match, since the
   * start or the last `clear`, as soon as there are enough. Refused messages count as sent.
   */
  received(
    wanted: string | ((message: ReceivedMessage) => boolean),
    { count = 1, timeoutMs = TIMEOUT_MS }: Expected = {},
  ): Promise<readonly ReceivedMessage[]> {
    const fits = typeof wanted === 'string' ? isFor(wanted) : wanted;
    const name = typeof wanted === 'string' ? `to ${wanted}` : 'that match';
    const found = () => this.#sightings.messages.filter(fits);
    return this.#waits.until({
      timeoutMs,
      look: () => (found().length >= count ? found() : null),
      explain: () => {
        const { forgotten, messages } = this.#sightings;
        const all = tally(messages.map(({ destination }) => destination));
        const lost = forgotten === 0 ? '' : `; ${forgotten} older ones are forgotten`;
        return `${found().length} of ${count} messages ${name} came; what came: ${all}${lost}`;
      },
    });
  }

  /** Makes `received` ignore all messages up to now. */
  clear(): void {
    this.#sightings.clear();
  }

  /** Ends connections, closes ports, and rejects pending waits. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#started;
    this.faults.clear();
    this.#waits.stop();
    await this.#broker.stop();
    const http = this.#http;
    if (http === null) return;
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }

  #open(client: MemoryWebSocket, handshake: Handshake): void {
    if (client.readyState !== CONNECTING) return;
    const transport = new MemoryTransport(client, {
      isBrowser: handshake.headers.origin !== undefined,
      messageBytesMax: messageBytesMaxOf(this.#broker.config),
    });
    // As with a port on which nothing listens any more.
    if (this.#isStopped) client.terminate();
    else transport.open(this.#broker.accept, handshake);
  }
}

function isFor(destination: string): (message: ReceivedMessage) => boolean {
  return (message) => message.destination === destination;
}
