// The server that a suite of `client-suites.mjs` runs against: ours, started here, or one that
// runs already.

import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { end, start } from './process.mjs';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));
const LOOPBACK = '127.0.0.1';
const START_MS = 20_000;
const STOP_MS = 5_000;

/** The port that clients take if they are given none; some tests can reach no other. */
export const USUAL_TCP_PORT = 61_613;

/** The addresses of the server, for a suite. `tcp6` is null if there is no IPv6. */
export async function startPeer(values, suite) {
  if (values['peer-ws'] !== undefined) return running(values['peer-ws'], values['peer-tcp']);

  const wantsUsual = suite.wantsUsualPort && (await isFree(USUAL_TCP_PORT, LOOPBACK));
  const servers = [await startServer(LOOPBACK, wantsUsual ? USUAL_TCP_PORT : 0)];
  if (suite.wantsIpv6 && (await isFree(0, '::1'))) servers.push(await startServer('::1', 0));
  const [first, second] = servers;
  return {
    name: 'Stomping Ground',
    ws: `${first.url.replace('http', 'ws')}/websc/websocket`,
    tcp: { host: LOOPBACK, port: first.tcpPort },
    tcp6: second === undefined ? null : { host: '::1', port: second.tcpPort },
    stop: async () => {
      for (const { child } of servers) await stopServer(child);
    },
  };
}

function running(ws, tcp) {
  const [host, port] = tcp.split(':');
  const name = `the server on ${tcp}`;
  return { name, ws, tcp: { host, port: Number(port) }, tcp6: null, stop: async () => {} };
}

/** The suites wait for heart-beats of a second, and in a browser as well for the end without them. */
function startServer(host, tcpPort) {
  const settings = { host, port: 0, tcpPort, heartBeatMs: 1_000, browserSilenceMs: 3_000 };
  const child = start(process.execPath, [SERVER, JSON.stringify(settings)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not start')), START_MS);
    child.once('message', ({ url, tcpPort }) => {
      clearTimeout(timer);
      resolve({ child, url, tcpPort });
    });
    child.once('exit', (code) => reject(new Error(`the server ended with exit code ${code}`)));
  });
}

function stopServer(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => end(child), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    end(child, 'SIGTERM');
  });
}

/** A free port out of the thousand below `port`. */
export async function freePortBelow(port) {
  for (let tried = port - 1; tried >= port - 1_000; tried -= 1)
    if (await isFree(tried, LOOPBACK)) return tried;
  throw new Error(`there is no free port below ${port}`);
}

function isFree(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
