import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';

const started: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of started.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Each chunk that passes meets one of these fates. */
export type Fate = 'pass' | 'delay' | 'halve' | 'cut';

export interface CuttingProxy {
  readonly port: number;
  /** How many connections were cut. */
  readonly cuts: number;
}

/**
 * A network between clients and a server on this machine that delays what passes, cuts it in half,
 * and cuts connections: with half of a chunk still on its way, or all of it.
 *
 * @param fateOf decides for each chunk; it is asked again for what was delayed
 */
export async function cuttingProxy(port: number, fateOf: () => Fate): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    const cut = () => {
      if (client.destroyed) return;
      cuts += 1;
      client.destroy();
      upstream.destroy();
    };
    pipe(client, upstream, fateOf, cut);
    pipe(upstream, client, fateOf, cut);
  });
  started.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get cuts() {
      return cuts;
    },
  };
}

function pipe(from: Socket, to: Socket, fateOf: () => Fate, cut: () => void): void {
  from.on('end', () => to.end());
  from.on('close', () => to.destroy());
  from.on('data', (chunk) => {
    switch (fateOf()) {
      case 'pass':
        to.write(chunk);
        return;
      case 'delay':
        // What comes after it waits as well.
        from.pause();
        setTimeout(() => {
          to.write(chunk);
          from.resume();
        }, 5);
        return;
      case 'halve':
        from.pause();
        to.write(chunk.subarray(0, chunk.length >> 1));
        setImmediate(() => {
          to.write(chunk.subarray(chunk.length >> 1));
          from.resume();
        });
        return;
      case 'cut':
        // What comes after it is lost with the rest.
        from.pause();
        to.write(chunk.subarray(0, chunk.length >> 1), cut);
    }
  });
}
