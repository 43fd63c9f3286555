// `node bench/profile.mjs`: where the time of a server of ours goes while (a) and (b) run. Samples
// of V8's profiler are sorted by the innermost function that says what the work was for; what
// other threads of the process did (LMDB's writer, the garbage collector's helpers, the compiler)
// is the rest of the CPU time that the process used.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from '../scripts/setup.mjs';
import { compile } from './compiled.mjs';
import { runLoad } from './load.mjs';
import { readOptions } from './options.mjs';
import { endAll, removeFolder, temporaryFolder } from './processes.mjs';
import { FIRST_ROOM, SERVERS } from './servers.mjs';

const SAMPLE_US = 200;
const SECONDS = 5;
const WARM_UP_SECONDS = 2;
/** Of the samples, those from here on: the server is warm, and the load still on. */
const FROM_MS = 500;

/** The first rule that fits a function of the stack, from the innermost outwards. */
const KINDS = [
  ['garbage collector', ({ functionName }) => functionName === '(garbage collector)'],
  [
    'epoll, recv, and waiting for the disk',
    ({ functionName }) => functionName === '(idle)' || functionName === '(program)',
  ],
  ['write, the system call', ({ functionName, url }) => url === '' && /^write/.test(functionName)],
  ['LMDB, in this thread', ({ url }) => /node_modules\/(lmdb|msgpackr|ordered-binary)\//.test(url)],
  ['ws: reading a WebSocket', ({ url }) => /node_modules\/ws\//.test(url)],
  ['STOMP: decoding SENDs', ({ url }) => /broker\/stomp\/(decoder|input|commands)/.test(url)],
  [
    'encoding MESSAGEs',
    ({ url }) => /broker\/(stomp\/(encoder|escape)|routing\/message-frame|transport\/)/.test(url),
  ],
  [
    'the chat: JSON, checks, what is published',
    ({ url }) => /broker\/(chat|application)\/|dist\/shared\//.test(url),
  ],
  ['engine', ({ url }) => /broker\/engine\//.test(url)],
  [
    'fan-out: groups, members',
    ({ url }) => /broker\/routing\/(fan-out|subscription-index)/.test(url),
  ],
  ['router and sessions', ({ url }) => /broker\/(routing|session)\//.test(url)],
];
const STREAMS = 'Node’s streams, around write';
const OTHER = 'other';

function kindOf(stack) {
  const isWriting = stack.some(({ functionName }) => functionName === 'Writable.write');
  for (const frame of stack) {
    const kind = KINDS.find(([, fits]) => fits(frame));
    // ws reads through a stream of its own, so what is above its functions is not a write.
    if (kind !== undefined) return kind[0];
    if (isWriting && frame.functionName === 'Writable.write') return STREAMS;
  }
  return OTHER;
}

/** Seconds of each kind within a part of a profile; `end` counts back from its end. */
function secondsByKind({ endTime, nodes, samples, startTime, timeDeltas }, from, end) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map((c) => [c, id])));
  const kinds = new Map();
  const kindOfNode = (id) => {
    const stack = [];
    for (let at = id; at !== undefined; at = parents.get(at)) stack.push(byId.get(at).callFrame);
    return kindOf(stack);
  };
  const seconds = new Map();
  let now = startTime;
  samples.forEach((id, index) => {
    now += timeDeltas[index];
    if (now < from || now > endTime - end) return;
    if (!kinds.has(id)) kinds.set(id, kindOfNode(id));
    const kind = kinds.get(id);
    seconds.set(kind, (seconds.get(kind) ?? 0) + timeDeltas[index] / 1e6);
  });
  return seconds;
}

async function profile(load, title, size) {
  const folder = temporaryFolder();
  const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', SAMPLE_US];
  const server = await SERVERS.ours.start({ nodeFlags });
  let result;
  const stopping = { at: 0 };
  try {
    result = await runLoad(load, {
      ...SERVERS.ours.load,
      ...size,
      duration: SECONDS,
      firstRoom: FIRST_ROOM,
      inFlight: 500,
      name: title,
      pid: server.pid,
      port: server.port,
      settle: 0.2,
      warmUp: WARM_UP_SECONDS,
    });
    stopping.at = process.hrtime.bigint();
  } finally {
    await server.stop();
  }
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  removeFolder(folder);
  // The profile's clock is that of hrtime, in µs: it ends some time after the load does.
  const after = recorded.endTime - Number(stopping.at / 1000n) + FROM_MS * 1_000;
  const from = recorded.endTime - after - (SECONDS * 1e6 - 2 * FROM_MS * 1_000);
  print(title, result, secondsByKind(recorded, from, after));
}

function print(title, { cpu_us_per_delivery: cpuUs, server_cpu: serverCpu }, seconds) {
  const total = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  const share = (one) => `${((100 * one) / total).toFixed(1).padStart(5)} %`;
  console.log(
    `\n${title}: ${cpuUs.toPrecision(3)} µs of CPU a delivery, profiler included; server CPU ${(serverCpu * 100).toFixed(0)} %`,
  );
  console.log('of the time that passed, in the main thread:');
  for (const [kind, one] of [...seconds].sort((a, b) => b[1] - a[1])) {
    console.log(`  ${share(one)}  ${kind}`);
  }
}

ensureInstalled();
ensureBuilt();
process.once('exit', endAll);
const { sizes } = readOptions([], { scenarios: [], servers: [] });
const programs = compile(temporaryFolder());
const size = sizes.bytes;
await profile(programs.load, '(a)', { rooms: 1, size, ...sizes.a });
await profile(programs.load, '(b)', { size, ...sizes.b });
process.exit(0);
