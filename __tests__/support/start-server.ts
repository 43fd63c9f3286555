import { afterEach } from '@jest/globals';
import type { Config } from '../../broker/config.ts';
import { createServer, type Server, type ServerOptions } from '../../broker/server.ts';

const started: Server[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

export interface StartedServer {
  readonly port: number;
  readonly server: Server;
  readonly url: string;
}

/** A server on a free port, in this process; it stops when the test ends. */
export async function startServer(
  settings: Partial<Config> = {},
  options: ServerOptions = {},
): Promise<StartedServer> {
  const server = createServer({ port: 0, stopMs: 300, ...settings }, options);
  started.push(server);
  return { server, ...(await server.start()) };
}
