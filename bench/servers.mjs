// Every server that is measured: how it is started, and how the load generator speaks to it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { messageOfOurs } from './model.mjs';
import {
  becomesReady,
  end,
  freePorts,
  isHealthy,
  listens,
  removeFolder,
  SERVER_CORE,
  start,
  temporaryFolder,
} from './processes.mjs';
import { rabbitMqVersion, startRabbitMq } from './rabbitmq.mjs';

/** All rooms of a run have four digits, so that all messages have as many bytes. */
export const FIRST_ROOM = 1_000;

const WEBSOCKET = { path: '/websc/websocket', proto: 'stomp' };
const SOCKJS = { path: '/websc', proto: 'sockjs' };
const RABBITMQ = {
  login: 'guest',
  passcode: 'guest',
  path: '/ws',
  proto: 'stomp',
  send: '/topic/room.%d',
  subscribe: '/topic/room.%d',
};

/**
 * All load comes from one address and has no users. In (f) that is more SENDs than one address may
 * have, and in all others more chat messages. No other limit is changed.
 */
export const NO_RATES = [
  ['--chat-rate', 0],
  ['--chat-address-rate', 0],
  ['--frame-rate', 0],
  ['--new-rooms-per-hour', 0],
  ['--send-rate', 0],
];

/**
 * By name. `start` gives the process's id, its ports, and `stop`; `settings` are flags of ours,
 * `nodeFlags` those of its Node, and `folder` its data, which stays where it is given. `isCompiledAsItRuns` is true of those in Node. `missing` says why
 * it cannot be measured.
 */
export const SERVERS = {
  ours: ours('ours', 'embedded', WEBSOCKET),
  'ours-memory': ours('ours, memory engine', 'memory', WEBSOCKET),
  'ours-sockjs': ours('ours over SockJS', 'embedded', SOCKJS),
  'ours-sockjs-memory': ours('ours over SockJS, memory engine', 'memory', SOCKJS),
  'socket.io': peer('Socket.IO', 'socket-io', {
    path: '/socket.io/?EIO=4&transport=websocket',
    proto: 'socketio',
  }),
  ws: peer('plain ws', 'ws', { path: '/', proto: 'plain' }),
  sockjs: peer('sockjs package', 'sockjs', { path: '/chat', proto: 'sockjs-plain' }),
  rabbitmq: {
    title: 'RabbitMQ Web STOMP',
    load: RABBITMQ,
    missing: () => (rabbitMqVersion() === null ? 'not installed' : null),
    start: startRabbitMq,
  },
  limit: limit('limit in C, joined writes', []),
  'limit-separate': limit('limit in C, a write per message', ['--separate']),
};

function ours(title, engine, load) {
  return {
    title,
    load,
    isCompiledAsItRuns: true,
    missing: () => null,
    start: (options) => startOurs(engine, options),
  };
}

async function startOurs(engine, { folder, nodeFlags = [], settings = [] }) {
  const [port, tcpPort] = await freePorts(2);
  const data = folder ?? temporaryFolder();
  const args = [
    ['--port', port],
    ['--tcp-port', tcpPort],
    ['--engine', engine],
    ['--data-dir', data],
    ...NO_RATES,
    ['--log-level', 'warn'],
    ...settings,
  ];
  const main = join(root, 'dist/broker/main.js');
  const line = [...nodeFlags, main, ...args.flat()].map(String);
  const started = start(SERVER_CORE, process.execPath, line);
  const stop = async (signal) => {
    await end(started, signal);
    if (folder === undefined) removeFolder(data);
  };
  return whenReady(started, () => isHealthy(port), { port, stop, tcpPort });
}

function peer(title, name, load) {
  const script = join(root, 'bench/peers', `${name}.mjs`);
  return {
    title,
    load,
    isCompiledAsItRuns: true,
    missing: () => null,
    async start() {
      const [port] = await freePorts(1);
      const started = start(SERVER_CORE, process.execPath, [script, String(port)]);
      const stop = (signal) => end(started, signal);
      return whenReady(started, () => listens(port), { port, stop });
    },
  };
}

function limit(title, flags) {
  return {
    title,
    load: WEBSOCKET,
    missing: () => null,
    async start({ model, programs }) {
      const [port] = await freePorts(1);
      const args = ['--port', String(port), '--model', model, ...flags];
      const started = start(SERVER_CORE, programs.limit, args);
      const stop = (signal) => end(started, signal);
      return whenReady(started, () => listens(port), { port, stop });
    },
  };
}

/** Writes what the limit takes as its model into a file. */
export async function writeModel(file, bytes) {
  const server = await startOurs('embedded', {});
  try {
    writeFileSync(file, await messageOfOurs(server.port, { bytes, room: FIRST_ROOM }));
  } finally {
    await server.stop();
  }
}

async function whenReady(started, isReady, server) {
  try {
    await becomesReady(started, isReady);
  } catch (error) {
    await server.stop('SIGKILL');
    throw error;
  }
  return { ...server, pid: started.pid };
}
