// What is measured: each scenario starts a server of its own for every row, puts load on it, and
// gives the row's figures. Which figures are shown, and what they are held against, is left to
// tables.mjs and targets.mjs.

import { runLoad, startReaders } from './load.mjs';
import { removeFolder, temporaryFolder } from './processes.mjs';
import { FIRST_ROOM, SERVERS } from './servers.mjs';

const MICROSECONDS = 1e6;
/** At a few messages a second it takes longer until a p99 means much. */
const STEADY_SECONDS = 3;
/** Below so many connections what they share weighs more than what each of them takes. */
const MEMORY_FROM_CONNECTIONS = 1_000;
const HISTORY_ROOM = FIRST_ROOM - 100;
const WARMING_ROOM = 9_999;

const many = (count) => count.toLocaleString('en-US');

const ALL = Object.keys(SERVERS);
const FEW = ['ours', 'ours-sockjs', 'socket.io', 'ws'];

/** By letter; the title is of the sizes that are measured. */
export const SCENARIOS = {
  a: {
    title: ({ a }) =>
      `One room of ${many(a.members)}, ${a.talkers} talk: closed loop, window ${a.window}`,
    servers: ALL,
    measure: (context, name) => crowd(context, name, { rooms: 1, ...context.sizes.a }),
  },
  b: {
    title: ({ b }) =>
      `${many(b.rooms)} rooms of ${b.members}, ${b.talkers} talk in each: closed loop, window ${b.window}`,
    servers: ALL,
    measure: (context, name) => crowd(context, name, context.sizes.b),
  },
  c: {
    title: ({ c }) =>
      `One room of ${c.members}, ${c.rate} messages a second: open loop, latency from when each was due`,
    servers: ALL.filter((name) => name !== 'limit-separate'),
    measure: steady,
  },
  d: {
    title: ({ d }) =>
      `${many(d.connections)} idle members, and how fast they come back after a restart`,
    servers: FEW,
    measure: comeBack,
  },
  e: {
    title: ({ e }) =>
      `One room of ${many(e.members)}, ${e.talkers} talk: closed loop, window ${e.window}`,
    servers: ['ours', 'ours-memory', 'limit'],
    measure: (context, name) => crowd(context, name, { rooms: 1, ...context.sizes.e }),
  },
  f: {
    title: ({ f }) =>
      `Publishers only, with receipts: ${f.connections} TCP connections × ${f.window} outstanding, ${f.rooms} rooms`,
    servers: ['ours', 'ours-memory', 'rabbitmq'],
    measure: receipts,
  },
  g: {
    title: ({ g }) =>
      `(c), alone and while ${g.readers} members read ${many(g.each)} messages each`,
    servers: ['ours'],
    measure: catchUp,
  },
};

/** What it costs when there is more of it: one row for each size, of ours with the embedded engine. */
export const GROWTH = {
  title: () => 'Cost with growth, embedded engine over plain WebSocket',
  rows: (sizes) => [
    ...sizes.growth.rooms.map((rooms) => ({ rooms, members: 1 })),
    ...sizes.growth.members.map((members) => ({ rooms: 1, members })),
  ],
  measure: grow,
};

async function withServer(context, name, options, use) {
  const server = await SERVERS[name].start({ ...context, ...options });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** What all loads on a server have in common. */
export function loadOf(context, name, { pid, port }) {
  return {
    ...SERVERS[name].load,
    duration: context.seconds,
    firstRoom: FIRST_ROOM,
    inFlight: 500,
    name,
    pid,
    port,
    settle: 0.2,
    size: context.sizes.bytes,
    warmUp: context.sizes.warmUpSeconds,
  };
}

function crowd(context, name, size) {
  return withServer(context, name, {}, async (server) => {
    await warm(context, name, server);
    const load = { ...loadOf(context, name, server), ...size };
    return fanOutRow(await runLoad(context.programs.load, load));
  });
}

function steady(context, name) {
  return withServer(context, name, {}, async (server) => {
    await warm(context, name, server);
    return fanOutRow(await runLoad(context.programs.load, steadyLoad(context, name, server)));
  });
}

/**
 * V8 compiles what has run some thousand times, which a room where all get sixteen messages at once,
 * or one each 25 ms, takes minutes for. A server that is up has it behind itself: here a few people
 * talk in a room of their own first, as fast as they can.
 */
export async function warm(context, name, server) {
  if (!SERVERS[name].isCompiledAsItRuns) return;
  await runLoad(context.programs.load, {
    ...loadOf(context, name, server),
    ...context.sizes.warming,
    firstRoom: WARMING_ROOM,
    rooms: 1,
    warmUp: 0,
  });
}

function steadyLoad(context, name, server) {
  return {
    ...loadOf(context, name, server),
    ...context.sizes.c,
    duration: context.seconds * STEADY_SECONDS,
  };
}

function fanOutRow(result) {
  return {
    bytesPerDelivery: result.bytes_per_delivery,
    cpuUs: result.cpu_us_per_delivery,
    deliveriesPerCpuSecond: MICROSECONDS / result.cpu_us_per_delivery,
    deliveriesPerS: result.delivered_per_s,
    ...common(result),
    ...latency(result.latency_ms),
    ratio: result.ratio,
  };
}

function common(result) {
  return {
    loadCpu: result.load_cpu,
    notes: result.notes,
    othersCpu: result.others_cpu,
    problems: result.problems,
    rssMib: result.rss_mib,
    serverCpu: result.server_cpu,
  };
}

function latency({ p50, p99, p999 }) {
  return { p50, p99, p999 };
}

async function comeBack(context, name) {
  const { connections, inFlight, settleSeconds } = context.sizes.d;
  // The same data before and after, where there are any.
  const folder = temporaryFolder();
  const connect = (server, settle) =>
    runLoad(context.programs.load, {
      ...loadOf(context, name, server),
      inFlight,
      members: connections,
      mode: 'idle',
      settle,
    });
  const first = await SERVERS[name].start({ ...context, folder });
  const before = await connect(first, settleSeconds).finally(() => first.stop('SIGKILL'));
  const after = await withServer(context, name, { folder }, (server) => connect(server, 0));
  removeFolder(folder);
  return {
    backPerS: after.connections_per_s,
    connections: before.connections,
    cpuUs: after.cpu_us_per_connection,
    kibPerConnection: before.kib_per_connection,
    ...common(after),
    ...latency(after.ready_ms),
    problems: [...before.problems, ...after.problems],
    rssMib: before.rss_mib,
  };
}

function receipts(context, name) {
  const { connections, kept, keptByPeer, rooms, window } = context.sizes.f;
  const isOurs = name !== 'rabbitmq';
  const settings = isOurs ? [['--history-count', kept]] : [];
  const where = isOurs
    ? {}
    : {
        frameHeaders: ['persistent:true', `x-max-length:${keptByPeer}`],
        send: '/queue/room-%d',
      };
  return withServer(context, name, { settings }, async (server) => {
    const result = await runLoad(context.programs.load, {
      ...loadOf(context, name, server),
      ...where,
      fill: isOurs ? kept : keptByPeer,
      members: connections,
      mode: 'receipts',
      port: server.tcpPort,
      proto: 'tcp',
      rooms,
      window,
    });
    return {
      cpuUs: result.cpu_us_per_receipt,
      kept: isOurs ? kept : keptByPeer,
      receiptsPerS: result.receipts_per_s,
      ...common(result),
      ...latency(result.latency_ms),
    };
  });
}

function catchUp(context, name) {
  const { each, kept, readers, said } = context.sizes.g;
  const { load } = context.programs;
  const settings = [['--history-count', kept]];
  return withServer(context, name, { settings }, async (server) => {
    const room = { ...loadOf(context, name, server), firstRoom: HISTORY_ROOM, rooms: 1 };
    const byTcp = { port: server.tcpPort, proto: 'tcp' };
    const filling = { duration: 0, fill: said, members: 4, mode: 'receipts', window: 256 };
    const filled = await runLoad(load, { ...room, ...byTcp, ...filling, warmUp: 0 });
    await warm(context, name, server);
    const alone = await runLoad(load, steadyLoad(context, name, server));
    const from = `last=${each}`;
    const reading = { duration: 600, each, from, members: readers, mode: 'catchup' };
    const theirs = await startReaders(load, { ...room, ...reading });
    const beside = await runLoad(load, steadyLoad(context, name, server));
    const read = await theirs.stop();
    return {
      ...fanOutRow(beside),
      allReadS: read.all_read_s,
      // The readers are others, too.
      othersCpu: undefined,
      cpuUs: (beside.server_cpu * MICROSECONDS) / (beside.delivered_per_s + read.messages_per_s),
      notes: alone.notes,
      p50Alone: alone.latency_ms.p50,
      p999Alone: alone.latency_ms.p999,
      p99Alone: alone.latency_ms.p99,
      problems: [filled, alone, beside, read].flatMap(({ problems }) => problems),
      readMessages: read.messages,
      readPerS: read.messages_per_s,
    };
  });
}

/** Of rooms: one member in each, a steady rate over all. Of members: as in (a). */
function grow(context, { members, rooms }) {
  const { rate } = context.sizes.growth;
  const saying = rooms > 1 ? { rate, talkers: 1 } : { talkers: Math.min(4, members), window: 4 };
  const connections = rooms * members;
  return withServer(context, 'ours', {}, async (server) => {
    const result = await runLoad(context.programs.load, {
      ...loadOf(context, 'ours', server),
      ...saying,
      duration: context.seconds / 2,
      members,
      rooms,
    });
    return {
      ...fanOutRow(result),
      connections,
      kibPerConnection:
        connections >= MEMORY_FROM_CONNECTIONS ? result.kib_per_connection : undefined,
      members,
      rooms,
    };
  });
}
