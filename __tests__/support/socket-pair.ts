import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';

const sockets: Socket[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection over the loopback; `dial` makes the peer's. Closed after the test. */
export async function socketPair(
  server: Server = createServer(),
  dial: (port: number) => Socket = (port) => connect(port, '127.0.0.1'),
): Promise<{ readonly peer: Socket; readonly socket: Socket }> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peer = dial(port);
  sockets.push(peer);
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) throw new Error('nobody came');
  sockets.push(socket);
  return { peer, socket };
}
