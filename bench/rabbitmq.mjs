// RabbitMQ with Web STOMP, if it is installed: a node of its own name, with its own folder and
// ports on loopback, that shares nothing with one that may run already.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  becomesReady,
  end,
  freePorts,
  listens,
  removeFolder,
  SERVER_CORE,
  start,
  temporaryFolder,
} from './processes.mjs';

/** Where Debian and the generic archive put it. */
const PLACES = ['/usr/lib/rabbitmq', '/opt/rabbitmq'];

/** The version that is installed with Web STOMP; null if there is none. */
export function rabbitMqVersion() {
  return found()?.version ?? null;
}

/** Starts it; its ports are for Web STOMP and for STOMP over TCP. */
export async function startRabbitMq() {
  const folder = temporaryFolder();
  const [amqpPort, tcpPort, webPort, epmdPort, nodePort] = await freePorts(5);
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_stomp,rabbitmq_web_stomp].\n');
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${amqpPort}
stomp.listeners.tcp.1 = 127.0.0.1:${tcpPort}
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = ${webPort}
web_stomp.tcp.backlog = 8192
`,
  );
  // Erlang would leave one behind that outlives the run.
  const epmd = start(SERVER_CORE, 'epmd', ['-port', String(epmdPort), '-address', '127.0.0.1']);
  const node = start(SERVER_CORE, found().program, [], {
    cwd: folder,
    env: { ...process.env, ...environment(folder, epmdPort, nodePort) },
  });
  const stop = async () => {
    await end(node, 'SIGKILL');
    await end(epmd);
    removeFolder(folder);
  };
  try {
    await becomesReady(node, async () => (await listens(webPort)) && (await listens(tcpPort)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: node.pid, port: webPort, stop, tcpPort };
}

function environment(folder, epmdPort, nodePort) {
  return {
    ERL_EPMD_PORT: String(epmdPort),
    HOME: folder,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_DIST_PORT: String(nodePort),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: join(folder, 'log', 'rabbitmq.log'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_NODENAME: `bench-${process.pid}@localhost`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    // The node is then the process that was started, not a child of a shell.
    RUNNING_UNDER_SYSTEMD: '1',
  };
}

function found() {
  for (const place of PLACES) {
    const program = join(place, 'bin', 'rabbitmq-server');
    const lib = join(place, 'lib');
    if (!existsSync(program) || !existsSync(lib)) continue;
    for (const name of readdirSync(lib)) {
      const plugins = join(lib, name, 'plugins');
      const hasPlugin =
        existsSync(plugins) &&
        readdirSync(plugins).some((plugin) => /^rabbitmq_web_stomp-\d/.test(plugin));
      const version = /^rabbitmq_server-(.+)$/.exec(name)?.[1];
      if (hasPlugin && version !== undefined) return { program, version };
    }
  }
  return null;
}
