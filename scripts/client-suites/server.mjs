// The server that the suites of `client-suites.mjs` run against, in a process of its own: the
// built one, with the users that the suites log in as. Its settings come as JSON.

import { pino } from 'pino';
import { createServer, reject } from '../../dist/broker/index.js';

/** Names and passcodes as RabbitMQ and ActiveMQ have them from the start. */
const PASSCODES = new Map([
  ['guest', 'guest'],
  ['admin', 'password'],
]);

/** A client without a login is accepted as a guest, as both brokers do by default. */
function authenticate({ login, passcode }) {
  if (login === null) return null;
  return PASSCODES.get(login) === passcode ? login : reject('BAD_LOGIN', 'wrong login or passcode');
}

const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
// Several servers run at once, and a data folder belongs to one process.
const settings = { engine: 'memory', ...JSON.parse(process.argv[2]) };
const server = createServer(settings, { authenticate, log });
// The parent may have been killed, so the end of the channel ends this process as well.
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => server.stop().then(() => process.exit(0)));
const { tcpPort, url } = await server.start();
process.send({ tcpPort, url });
