import { afterEach } from '@jest/globals';
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
  const server = createServer({ port: 0, tcpPort: 0, stopMs: 300, ...settings }, options);
  started.push(server);
  const { port, tcpPort, url } = await server.start();
  if (tcpPort === null) throw new Error('the server does not listen on TCP');
  tcpPorts.set(url, tcpPort);
  return { port, server, tcpPort, url };
}
