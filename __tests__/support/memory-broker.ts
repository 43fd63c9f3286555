import { Application } from '../../broker/application/application.ts';
import { assembleParts } from '../../broker/assemble.ts';
import type { Authenticate } from '../../broker/authentication.ts';
import { type Config, resolveConfig } from '../../broker/config.ts';
import type { Engine } from '../../broker/engine/engine.ts';
import { MemoryEngine } from '../../broker/engine/memory-engine.ts';
import { RateLimits } from '../../broker/limits/rate-limits.ts';
import type { SubscriptionIndex } from '../../broker/routing/subscription-index.ts';
import type { BrokerParts } from '../../broker/session/broker-parts.ts';
import type { Observer } from '../../broker/session/observer.ts';
import { Session } from '../../broker/session/session.ts';
import type { FakeClock } from './fake-clock.ts';
import { FakeClock as Clock } from './fake-clock.ts';
import { type Lateness, lateEngine } from './late-engine.ts';
import { memoryLog } from './memory-log.ts';
import { MemoryTransport } from './memory-transport.ts';

const HANDSHAKE = { headers: { cookie: 'token=x' }, url: '/websc/websocket?room=7' };

type TransportOptions = ConstructorParameters<typeof MemoryTransport>[0];

interface MemoryBrokerOptions {
  readonly application?: Application;
  readonly authenticate?: Authenticate;
  readonly engine?: Engine;
  /** How long an engine that answers later takes; default: three turns of the event loop. */
  readonly delay?: () => Promise<void>;
  /** Default: the engine answers at once. */
  readonly lateness?: Lateness | null;
  /** Default: none. */
  readonly observer?: Observer | null;
}

export interface MemoryBroker {
  readonly clock: FakeClock;
  readonly ended: Session[];
  readonly index: SubscriptionIndex;
  readonly log: ReturnType<typeof memoryLog>;
  readonly opened: Session[];
  readonly parts: BrokerParts;
  /** A new session; nothing was said on it. */
  open(options?: TransportOptions): MemoryTransport;
  /** A new session that is connected; CONNECTED was taken off. */
  connect(headers?: Record<string, string>, options?: TransportOptions): MemoryTransport;
}

/** Sessions, routing and a memory engine, without a network and on a clock that stands still. */
export function memoryBroker(
  settings: Partial<Config> = {},
  {
    application = new Application(),
    authenticate,
    delay,
    engine,
    lateness = null,
    observer = null,
  }: MemoryBrokerOptions = {},
): MemoryBroker {
  const config = resolveConfig(settings);
  const clock = new Clock();
  const log = memoryLog();
  const prompt = engine ?? createEngine(config, clock);
  const used = lateness === null ? prompt : lateEngine(prompt, lateness, delay);
  const { deliver, host, parts } = assembleParts(config, {
    application,
    authenticate,
    clock,
    engine: used,
    log,
    observer,
    overheadBytes: 0,
    rates: new RateLimits(clock, config),
    serverName: 'stomping-ground/test',
  });
  void used.start(deliver, host);
  const ended: Session[] = [];
  const opened: Session[] = [];
  const open = (options?: TransportOptions) => {
    const transport = new MemoryTransport(options);
    const onEnd = (session: Session) => ended.push(session);
    const session = new Session(transport, HANDSHAKE, parts, onEnd);
    opened.push(session);
    return transport.open(session);
  };
  const connect = (headers: Record<string, string> = {}, options?: TransportOptions) => {
    const transport = open(options);
    transport.frame('CONNECT', { 'accept-version': '1.2', host: 'test', ...headers });
    transport.take();
    return transport;
  };
  return { clock, connect, ended, index: parts.index, log, open, opened, parts };
}

function createEngine(config: Config, clock: FakeClock): Engine {
  return new MemoryEngine({
    clock,
    keeps: (destination) => destination.startsWith('/topic/kept/'),
    limits: config,
    overheadBytes: 0,
  });
}
