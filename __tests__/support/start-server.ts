import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Config } from '../../broker/config.ts';
import { createServer, type Server, type ServerOptions } from '../../broker/server.ts';

const started: Server[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

export interface StartedServer {
  readonly port: number;
  readonly tcpPort: number;
  readonly server: Server;
  readonly url: string;
}

/** Where the server of an address takes STOMP over TCP. */
const tcpPorts = new Map<string, number>();

/** Tells where another server of a test takes it. */
export function knowTcpPort(url: string, port: number): void {
  tcpPorts.set(url, port);
}

export function tcpPortOf(url: string): number {
  const port = tcpPorts.get(url);
  if (port === undefined) throw new Error(`no server was started on ${url}`);
  return port;
}

/** A server on free ports, in this process; it stops when the test ends. */
export async function startServer(
  settings: Partial<Config> = {},
  options: ServerOptions = {},
): Promise<StartedServer> {
  const server = createTestServer(settings, options);
  started.push(server);
  return listen(server);
}

/** One server for all tests of a `describe`, where none needs it for itself. */
export function useServer(
  settings: Partial<Config> = {},
  options: ServerOptions = {},
): () => StartedServer {
  let running: StartedServer | undefined;
  beforeAll(async () => {
    running = await listen(createTestServer(settings, options));
  });
  afterAll(() => running?.server.stop());
  return () => {
    if (running === undefined) throw new Error('the server runs only while its tests do');
    return running;
  };
}

function createTestServer(settings: Partial<Config>, options: ServerOptions): Server {
  return createServer({ port: 0, tcpPort: 0, stopMs: 300, engine: 'memory', ...settings }, options);
}

async function listen(server: Server): Promise<StartedServer> {
  const { port, tcpPort, url } = await server.start();
  if (tcpPort === null) throw new Error('the server does not listen on TCP');
  tcpPorts.set(url, tcpPort);
  return { port, server, tcpPort, url };
}
