// The four services that the public tests of SockJS ask for (sockjs/sockjs-protocol on GitHub), on
// the endpoint that serves `/websc`, as it was built. What differs from those tests on purpose is
// in PROTOCOL.md, "SockJS".

import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { wallClock } from '../dist/broker/clock.js';
import { ThrottledLog } from '../dist/broker/limits/throttled-log.js';
import { silentLog } from '../dist/broker/log.js';
import { Clients } from '../dist/broker/transport/client-address.js';
import { Connections } from '../dist/broker/transport/connections.js';
import { Endpoint } from '../dist/broker/transport/endpoint.js';
import { HostPolicy } from '../dist/broker/transport/host.js';
import { OriginPolicy } from '../dist/broker/transport/origin.js';
import { endWith } from '../dist/broker/transport/upgrade.js';

const { port } = parseArgs({ options: { port: { type: 'string', default: '8081' } } }).values;

const DEAF = { received() {}, alive() {}, drained() {}, finished() {}, closed() {} };

/** Gives every message back as a message of its own. */
function echo(transport) {
  const { encoding } = transport;
  return { ...DEAF, received: (chunk) => transport.write(encoding.wrap([chunk])) };
}

function goAway(transport) {
  transport.close(3000, 'Go away!');
  return DEAF;
}

const clients = new Clients([]);
const warnings = new ThrottledLog(silentLog, wallClock);

const everybody = {
  clients,
  clock: wallClock,
  connections: new Connections(
    { connectionsMax: 1_000, connectionsPerAddressMax: 1_000 },
    { takeConnect: () => true },
  ),
  hosts: new HostPolicy({ allowHost: [], allowOrigin: [], clients, warnings }),
  lingerMs: 2_000,
  log: silentLog,
  messageBytesMax: 1 << 20,
  // The tests come from the origins `test` and `null`.
  origins: new OriginPolicy({ allowed: ['*'], clients, warnings }),
  probeMs: 25_000,
  streamCharactersMax: 4_096,
};

const endpoints = [
  { prefix: '/echo', accept: echo },
  { prefix: '/disabled_websocket_echo', accept: echo, takesWebSockets: false },
  { prefix: '/cookie_needed_echo', accept: echo, needsCookie: true },
  { prefix: '/close', accept: goAway },
].map((service) => new Endpoint({ ...everybody, ...service }));

const server = createServer((request, response) => {
  if (!endpoints.some((one) => one.request(request, response))) response.writeHead(404).end();
});
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy());
  if (!endpoints.some((one) => one.upgrade(request, socket, head))) endWith(socket, 404);
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`SockJS test services are ready on http://127.0.0.1:${server.address().port}`);
});
