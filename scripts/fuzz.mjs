// `npm run fuzz -- --frames 1000000 --seed 42`: mutated STOMP over every transport against the
// built broker, while a client that does nothing wrong is served. Not a part of `npm test`.
//
//   --frames N    how many frames at least (100,000)
//   --seed S      what the streams are made from (the time)
//   --only A,B    only these streams of the seed
//   --at-once N   connections at the same time (24)
//   --engine E    embedded, which keeps rooms in a temporary folder, or memory (embedded)
//   --guided N    instead: so many streams that are led by what they run, and what no stream ran

import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const { values } = parseArgs({
  options: {
    'at-once': { type: 'string', default: '24' },
    engine: { type: 'string', default: 'embedded' },
    frames: { type: 'string', default: '100000' },
    guided: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
ensureInstalled();
ensureBuilt();
console.log(`seed ${values.seed}`);
const problems = values.guided === undefined ? await long() : await guided(values.guided);
process.exit(problems === 0 ? 0 : 1);

async function long() {
  const { LongRun } = await import('./fuzz/long-run.mjs');
  const { engine, seed, frames, only } = values;
  const run = await LongRun.start({ engine, seed, atOnce: Number(values['at-once']) });
  if (only === undefined) await run.fuzz(Number(frames));
  else await run.replay(only.split(','));
  return run.finish();
}

async function guided(streams) {
  const { fuzzGuided } = await import('./fuzz/guided.mjs');
  return fuzzGuided({ seed: values.seed, streams: Number(streams) });
}
