import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { ThrottledLog } from '../../../broker/limits/throttled-log.ts';
import { Clients } from '../../../broker/transport/client-address.ts';
import { Connections } from '../../../broker/transport/connections.ts';
import { Endpoint, type EndpointOptions } from '../../../broker/transport/endpoint.ts';
import { HostPolicy } from '../../../broker/transport/host.ts';
import { OriginPolicy } from '../../../broker/transport/origin.ts';
import type { Receiver, Transport } from '../../../broker/transport/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type LogLine, memoryLog } from '../../support/memory-log.ts';

const started: { endpoint: Endpoint; http: Server }[] = [];

afterEach(async () => {
  for (const { endpoint, http } of started.splice(0)) {
    endpoint.stop();
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  }
});

/** A receiver in place of a session, which records the events of its transport. */
export class Recorder implements Receiver {
  readonly transport: Transport;
  readonly chunks: Buffer[] = [];
  signsOfLife = 0;
  closes = 0;
  drains = 0;
  finishes = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  received(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  alive(): void {
    this.signsOfLife += 1;
  }

  drained(): void {
    this.drains += 1;
  }

  finished(): void {
    this.finishes += 1;
  }

  closed(): void {
    this.closes += 1;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** Writes a frame as a session does. */
  write(text: string): void {
    this.transport.write(this.transport.encoding.wrap([Buffer.from(text)]));
  }
}

export interface StartedEndpoint {
  readonly clock: FakeClock;
  readonly connections: Connections;
  readonly endpoint: Endpoint;
  readonly http: Server;
  readonly log: { readonly lines: readonly LogLine[] };
  readonly port: number;
  readonly recorders: readonly Recorder[];
  readonly url: string;
}

interface Settings extends Partial<EndpointOptions> {
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly connectionsMax?: number;
  readonly connectionsPerAddressMax?: number;
  readonly trustProxy?: readonly string[];
}

/** Starts the transports alone, on a free port, with a clock that stands still. */
export async function startEndpoint(settings: Settings = {}): Promise<StartedEndpoint> {
  const { allowHost = [], allowOrigin = [], trustProxy = [] } = settings;
  const { connectionsMax = 100, connectionsPerAddressMax = 100 } = settings;
  const clock = new FakeClock();
  const log = memoryLog();
  const connections = new Connections(
    { connectionsMax, connectionsPerAddressMax },
    { takeConnect: () => true },
  );
  const clients = new Clients(trustProxy);
  const warnings = new ThrottledLog<'host' | 'origin'>(log, clock);
  const recorders: Recorder[] = [];
  const endpoint = new Endpoint({
    accept(transport) {
      const recorder = new Recorder(transport);
      recorders.push(recorder);
      return recorder;
    },
    clients,
    clock,
    connections,
    hosts: new HostPolicy({ allowHost, allowOrigin, clients, warnings }),
    lingerMs: 2_000,
    log,
    messageBytesMax: 1_000,
    origins: new OriginPolicy({ allowed: allowOrigin, clients, warnings }),
    prefix: '/websc',
    probeMs: 25_000,
    ...settings,
  });
  const http = createServer((request, response) => {
    if (!endpoint.request(request, response)) response.writeHead(418).end();
  });
  http.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!endpoint.upgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  started.push({ endpoint, http });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  return { clock, connections, endpoint, http, log, port, recorders, url };
}
