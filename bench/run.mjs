// `npm run bench`: starts each server on one core and the load on the other, one after the other,
// and ends with tables. `bench/README.md` says what is measured, and how to read it.

import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from '../scripts/setup.mjs';
import { compile, compilerVersion, NO_COMPILER } from './compiled.mjs';
import { backlogAllowed, describeMachine, isDataInMemory, measureMemory } from './machine.mjs';
import { medianRun } from './medians.mjs';
import { readOptions, USAGE } from './options.mjs';
import {
  endAllAtExit,
  printedBy,
  removeFolder,
  SERVER_CORE,
  temporaryFolder,
  unpinnedBecause,
} from './processes.mjs';
import { writeResults } from './report.mjs';
import { GROWTH, SCENARIOS } from './scenarios.mjs';
import { SERVERS, writeModel } from './servers.mjs';
import { asText, tablesOf, targetsTable, titleOfTable } from './tables.mjs';
import { judge } from './targets.mjs';

function optionsOrEnd() {
  const known = {
    scenarios: [...Object.keys(SCENARIOS), 'growth'],
    servers: Object.keys(SERVERS),
  };
  try {
    const options = readOptions(process.argv.slice(2), known);
    if (!options.isHelp) return options;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** A row, or why there is none: the others are measured all the same. */
async function rowOf(label, measure) {
  process.stdout.write(`  ${label} … `);
  try {
    const row = await measure();
    process.stdout.write(`${gist(row)}\n`);
    return row;
  } catch (error) {
    process.stdout.write(`failed: ${error.message}\n`);
    return { problems: [error.message] };
  }
}

/** A row in a few words, while the rest is still being measured. */
function gist(row) {
  const { backPerS, cpuUs, deliveriesPerS, p99, problems = [], receiptsPerS } = row;
  const words = [
    deliveriesPerS && `${Math.round(deliveriesPerS)} deliveries/s`,
    receiptsPerS && `${Math.round(receiptsPerS)} receipts/s`,
    backPerS && `${Math.round(backPerS)} connections/s`,
    cpuUs && `${cpuUs.toPrecision(3)} µs each`,
    p99 && `p99 ${p99.toFixed(1)} ms`,
    ...problems.map((problem) => `(!) ${problem}`),
  ];
  return words.filter(Boolean).join(', ');
}

async function measureScenario(context, id, names) {
  const rows = new Map();
  for (const name of names) {
    const missing = SERVERS[name].missing();
    if (missing === null) {
      rows.set(name, await rowOf(name, () => SCENARIOS[id].measure(context, name)));
    } else {
      console.log(`  ${name} … missing: ${missing}`);
      rows.set(name, { missing });
    }
  }
  return rows;
}

async function measureGrowth(context) {
  const rows = new Map();
  for (const size of GROWTH.rows(context.sizes)) {
    const { members, rooms } = size;
    const label = `rooms × members: ${rooms.toLocaleString('en-US')} × ${members.toLocaleString('en-US')}`;
    rows.set(label, await rowOf(label, () => GROWTH.measure(context, size)));
  }
  return rows;
}

async function measureLoneCommit({ seconds, sizes }) {
  const apartMs = 1_000 / sizes.c.rate;
  const count = Math.max(10, Math.round((seconds * 1_000) / apartMs));
  const folder = temporaryFolder();
  const script = join(root, 'bench/lone-commit.mjs');
  const args = [script, folder, String(count), String(apartMs)];
  try {
    return JSON.parse(await printedBy(SERVER_CORE, process.execPath, args));
  } finally {
    removeFolder(folder);
  }
}

async function measureAll(context, { only, servers }) {
  const run = new Map();
  for (const id of only.filter((one) => one in SCENARIOS)) {
    const names = SCENARIOS[id].servers.filter((name) => servers.includes(name));
    if (names.length === 0) continue;
    console.log(titleOfTable(id, context.sizes));
    run.set(id, await measureScenario(context, id, names));
    if (id === 'c' && names.includes('ours')) {
      run.set(
        'commit',
        new Map([['ours', await rowOf('a lone commit', () => measureLoneCommit(context))]]),
      );
    }
  }
  if (only.includes('growth') && servers.includes('ours')) {
    console.log(titleOfTable('growth', context.sizes));
    run.set('growth', await measureGrowth(context));
  }
  return run;
}

const many = (count) => count.toLocaleString('en-US');

/** What must be known to read a table. */
function notesOn({ sizes: { d, f, g, growth } }) {
  const allowed = backlogAllowed();
  const isShort = allowed < d.inFlight;
  return {
    d: [
      ...(isShort
        ? [
            `net.core.somaxconn lets ${many(allowed)} wait: who comes beyond that tries again after a second`,
          ]
        : []),
      'memory: of the server, after all are there, less what it was before',
      `back/s: from the first connect to the last RECEIPT, ${many(d.inFlight)} at once; latency: of one connection, from its connect`,
    ],
    f: [
      `ours: --history-count ${f.kept}, and so many were in each of ${f.rooms} rooms before`,
      `RabbitMQ: persistent messages to durable queues of at most ${f.keptByPeer}`,
    ],
    g: [
      `the history is another room's: ${many(g.said)} messages, --history-count ${g.kept}; a reader that has all of its ${many(g.each)} begins again`,
      'CPU: of deliveries and of what was read together; alone: on the same server, just before',
    ],
    growth: [
      `rooms: ${growth.rate} messages a second over all of them, one member in each; members: closed loop, as in (a)`,
    ],
  };
}

function remarksOn({ isQuick }) {
  const remarks = [];
  if (unpinnedBecause !== null) remarks.push(`Not pinned: ${unpinnedBecause}.`);
  if (isDataInMemory()) remarks.push('The data are in memory: commits cost nothing here.');
  if (isQuick) remarks.push('A quick run: its figures mean nothing.');
  return remarks;
}

const options = optionsOrEnd();
if (compilerVersion() === null) {
  console.error(NO_COMPILER);
  process.exit(1);
}
ensureInstalled();
ensureBuilt();
endAllAtExit();

const at = new Date();
const folder = temporaryFolder();
const model = join(folder, 'message');
const { seconds, sizes } = options;
const context = { model, programs: compile(folder), seconds, sizes };
await writeModel(model, sizes.bytes);
const remarks = remarksOn(options);
for (const remark of remarks) console.log(remark);

const memoryNs = [];
const runs = [];
for (let number = 1; number <= options.runs; number += 1) {
  if (options.runs > 1) console.log(`run ${number} of ${options.runs}`);
  memoryNs.push(await measureMemory(context.programs.memory));
  console.log(`memory answers after ${memoryNs.at(-1)} ns`);
  runs.push(await measureAll(context, options));
}

const run = medianRun(runs);
const tables = [...tablesOf(run, { notes: notesOn(context), sizes }), targetsTable(judge(runs))];
console.log(`\n${tables.map(asText).join('\n\n')}\n`);
if (options.out !== null) {
  writeResults(options.out, {
    at,
    machine: describeMachine(memoryNs),
    options,
    remarks,
    run,
    tables,
  });
  console.log(`written: ${join(options.out, 'results.md')}, ${join(options.out, 'chart.svg')}`);
}
const isBroken = [...run.values()].some((rows) =>
  [...rows.values()].some(({ problems = [] }) => problems.length > 0),
);
process.exit(isBroken ? 1 : 0);
