// Streams that are led by what they run: the broker is in this process, V8 counts which parts of
// it each stream ran, and one that ran something new is kept, and changed further. Their ids are
// those of any other run. At the end stands what no stream ever ran.

import { join } from 'node:path';
import { root } from '../setup.mjs';
import { Campaign } from './campaign.mjs';
import { Coverage } from './coverage.mjs';
import { Random } from './random.mjs';
import { SETTINGS } from './settings.mjs';

const FRESH = 0.4;
const SHOWN_EVERY = 500;

/**
 * @param {{ seed: string, streams: number }} options
 * @returns {Promise<number>} how many problems there were
 */
export async function fuzzGuided({ seed, streams }) {
  const coverage = new Coverage('/dist/broker/');
  const problems = [];
  const server = await startServer(problems);
  const campaign = new Campaign({ seed, ports: server.ports, atOnce: 1 });
  await guide(campaign, coverage, { seed, streams });
  await server.stop();
  problems.push(...campaign.tally.problems.map(({ stream, problem }) => `${stream}: ${problem}`));
  report(coverage, problems);
  return problems.length;
}

async function startServer(problems) {
  const { createServer } = await import(join(root, 'dist/broker/server.js'));
  const ignored = () => undefined;
  const error = ({ err }, text) => problems.push(`the log says: ${text}: ${err?.stack}`);
  const log = { debug: ignored, info: ignored, warn: ignored, error };
  const server = createServer(SETTINGS, { log });
  const { port, tcpPort } = await server.start();
  return { ports: { http: port, tcp: tcpPort }, stop: () => server.stop() };
}

async function guide(campaign, coverage, { seed, streams }) {
  const random = new Random(seed, 'guide');
  const kept = [];
  coverage.news();
  for (let number = 0; number < streams; number += 1) {
    const isFresh = kept.length === 0 || random.chance(FRESH);
    const id = isFresh ? number : `${random.pick(kept)}.${number}`;
    await campaign.play([id]);
    if (coverage.news() > 0) kept.push(id);
    if ((number + 1) % SHOWN_EVERY === 0) {
      console.error(`${number + 1} streams, ${kept.length} kept, ${coverage.size} parts run`);
    }
  }
}

function report({ functions }, problems) {
  const never = [...functions].filter(([, isRun]) => !isRun).map(([name]) => name);
  console.log(`${functions.size - never.length} of ${functions.size} functions run`);
  for (const name of never.sort()) console.log(`  never: ${name}`);
  for (const problem of problems) console.log(problem);
}
