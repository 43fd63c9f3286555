// What the command line may say, and the sizes of what is measured.

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));

export const USAGE = `npm run bench -- [--name value …]

  --only a,b,…       of the scenarios a to g and growth; default: all
  --servers x,y,…    of ours, ours-memory, ours-sockjs, ours-sockjs-memory, socket.io, ws, sockjs,
                     rabbitmq, limit, limit-separate; default: all
  --runs N           the tables have the medians of so many runs; default 1
  --seconds S        measured in each, after the warm-up; default 2.5
  --out DIR          where results.md and chart.svg go; default bench/
  --quick            tiny, to see that it works: its figures mean nothing, and go nowhere but to --out
  --help             prints this
`;

/** How much of everything there is, by scenario. */
const FULL_SIZES = {
  bytes: 100,
  warming: { duration: 3, members: 10, talkers: 4, window: 1 },
  warmUpSeconds: 0.5,
  a: { members: 1_000, talkers: 4, window: 4 },
  b: { rooms: 500, members: 10, talkers: 2, window: 2 },
  c: { members: 500, rate: 40, talkers: 4 },
  d: { connections: 10_000, inFlight: 5_000, settleSeconds: 2 },
  e: { members: 10_000, talkers: 4, window: 4 },
  f: { connections: 32, kept: 1_000, keptByPeer: 100, rooms: 100, window: 32 },
  g: { each: 10_000, kept: 20_000, readers: 200, said: 12_000 },
  growth: { members: [1, 10, 100, 1_000, 10_000], rate: 1_000, rooms: [10, 100, 1_000, 10_000] },
};

const QUICK_SIZES = {
  bytes: 100,
  warming: { duration: 0.1, members: 10, talkers: 4, window: 1 },
  warmUpSeconds: 0.1,
  a: { members: 20, talkers: 4, window: 4 },
  b: { rooms: 5, members: 4, talkers: 2, window: 2 },
  c: { members: 20, rate: 40, talkers: 4 },
  d: { connections: 50, inFlight: 25, settleSeconds: 0.1 },
  e: { members: 50, talkers: 4, window: 4 },
  f: { connections: 2, kept: 20, keptByPeer: 20, rooms: 5, window: 8 },
  g: { each: 200, kept: 400, readers: 3, said: 300 },
  growth: { members: [1], rate: 40, rooms: [2] },
};

/** Throws an Error with a sentence if there is something that it does not understand. */
export function readOptions(args, known) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      out: { type: 'string' },
      quick: { type: 'boolean', default: false },
      runs: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      servers: { type: 'string' },
    },
  });
  const { quick, runs } = values;
  return {
    isHelp: values.help,
    isQuick: quick,
    only: someOf(known.scenarios, values.only, '--only'),
    out: values.out ?? (quick ? null : here),
    runs: positive(runs, '--runs'),
    seconds: positive(values.seconds ?? (quick ? '0.3' : '2.5'), '--seconds'),
    servers: someOf(known.servers, values.servers, '--servers'),
    sizes: quick ? QUICK_SIZES : FULL_SIZES,
  };
}

/** What was measured, and how often, in a few words. */
export function optionsAsText({ isQuick, only, runs, seconds, servers }) {
  const how = `${runs === 1 ? 'one run' : `medians of ${runs} runs`}, ${seconds} s each`;
  const what = `scenarios ${only.join(', ')}; servers ${servers.join(', ')}`;
  return `${isQuick ? 'quick, ' : ''}${how}; ${what}`;
}

function someOf(all, text, flag) {
  if (text === undefined) return all;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`${flag}: there is no ${unknown.join(', ')}`);
  return all.filter((name) => wanted.includes(name));
}

function positive(text, flag) {
  const number = Number(text);
  if (number > 0) return number;
  throw new Error(`${flag}: ${text} is no number above 0`);
}
