// `node bench/profile.mjs`: where the time of a server of ours goes while (a) and (b) run. Samples
// of V8's profiler are sorted by the innermost function that says what the work was for. All threads
// share one core: what the others do (LMDB's writer, helpers of the collector, the compiler) is
// time that passes in whatever the main thread was at.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from '../scripts/setup.mjs';
import { compile } from './compiled.mjs';
import { runLoad } from './load.mjs';
import { readOptions } from './options.mjs';
import { endAllAtExit, removeFolder, temporaryFolder } from './processes.mjs';
import { loadOf, warm } from './scenarios.mjs';
import { SERVERS } from './servers.mjs';

const SAMPLE_US = 200;
const SECONDS = 5;
const WARM_UP_SECONDS = 2;
/** What is left out at both ends of what was measured. */
const EDGE_SECONDS = 0.5;
const TICKS_PER_SECOND = 100;

/** The first rule that fits a function of the stack, from the innermost outwards. */
const KINDS = [
  ['garbage collector', ({ functionName }) => functionName === '(garbage collector)'],
  [
    'epoll, recv, and waiting for the disk',
    ({ functionName }) => functionName === '(idle)' || functionName === '(program)',
  ],
  ['write, the system call', ({ functionName, url }) => url === '' && /^write/.test(functionName)],
  [
    'LMDB and packing, in this thread',
    ({ url }) => /node_modules\/(lmdb|msgpackr|ordered-binary)\//.test(url),
  ],
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
const AROUND_WRITE = 'Node, around write';
const OTHER = 'other';

/** To a descriptor, or through a stream. */
function isAroundWrite({ functionName, url }) {
  return functionName === 'Writable.write' || (functionName === 'writeSync' && url === 'node:fs');
}

function kindOf(stack) {
  for (const frame of stack) {
    const kind = KINDS.find(([, fits]) => fits(frame));
    // ws reads through a stream of its own, so what is above its functions is not a write.
    if (kind !== undefined) return kind[0];
    if (isAroundWrite(frame)) return AROUND_WRITE;
  }
  return OTHER;
}

/** Seconds of each kind between two moments, which are µs of the clock that the profile has. */
function secondsByKind({ nodes, samples, startTime, timeDeltas }, from, to) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map((c) => [c, id])));
  const kindOfNode = (id) => {
    const stack = [];
    for (let at = id; at !== undefined; at = parents.get(at)) stack.push(byId.get(at).callFrame);
    return kindOf(stack);
  };
  const kinds = new Map(nodes.map(({ id }) => [id, kindOfNode(id)]));
  const seconds = new Map();
  let now = startTime;
  for (const [at, id] of samples.entries()) {
    now += timeDeltas[at];
    if (now < from || now > to) continue;
    seconds.set(kinds.get(id), (seconds.get(kinds.get(id)) ?? 0) + timeDeltas[at] / 1e6);
  }
  return seconds;
}

/** Seconds of CPU that the main thread of a process used so far, and all others of it. */
function cpuByThread(pid) {
  const ticks = { main: 0, others: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
    ticks[thread === String(pid) ? 'main' : 'others'] += Number(user) + Number(system);
  }
  return { main: ticks.main / TICKS_PER_SECOND, others: ticks.others / TICKS_PER_SECOND };
}

async function profile(title, size) {
  const folder = temporaryFolder();
  const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', SAMPLE_US];
  const server = await SERVERS.ours.start({ nodeFlags });
  let result;
  let used;
  let end;
  try {
    const before = cpuByThread(server.pid);
    await warm(context, 'ours', server);
    result = await runLoad(context.programs.load, { ...loadOf(context, 'ours', server), ...size });
    end = Number(process.hrtime.bigint() / 1000n);
    const after = cpuByThread(server.pid);
    used = { main: after.main - before.main, others: after.others - before.others };
  } finally {
    await server.stop();
  }
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  removeFolder(folder);
  const edge = EDGE_SECONDS * 1e6;
  print(title, result, used, secondsByKind(recorded, end - SECONDS * 1e6 + edge, end - edge));
}

function print(title, { cpu_us_per_delivery: cpuUs, server_cpu: serverCpu }, used, seconds) {
  const total = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  const percent = (one) => `${(100 * one).toFixed(1).padStart(5)} %`;
  console.log(`\n${title}: ${cpuUs.toPrecision(3)} µs of CPU a delivery, profiler included`);
  console.log(`${percent(serverCpu)}  of its core was used`);
  console.log(
    `${percent(used.others / (used.main + used.others))}  of that by other threads than the main one`,
  );
  console.log('of the time that passed, seen from the main thread:');
  for (const [kind, one] of [...seconds].sort((a, b) => b[1] - a[1])) {
    console.log(`${percent(one / total)}  ${kind}`);
  }
}

ensureInstalled();
ensureBuilt();
endAllAtExit();
const { sizes } = readOptions([], { scenarios: [], servers: [] });
const context = {
  programs: compile(temporaryFolder()),
  seconds: SECONDS,
  sizes: { ...sizes, warmUpSeconds: WARM_UP_SECONDS },
};
await profile('(a)', { rooms: 1, ...sizes.a });
await profile('(b)', sizes.b);
process.exit(0);
