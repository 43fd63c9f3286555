// `npm run abuse`: plays attacks against a built server with default settings, one server for each,
// beside a witness that does nothing wrong, and prints what they cost the others.
//
//   --only A,B      only attacks whose name begins so, or contains what stands between two "*"
//   --seconds N     how long each attack goes on (10)
//   --addresses N   from so many addresses (1)
//   --list          says which attacks there are, and plays none
//   --heap MIB      the server may have so much heap (`--max-old-space-size`)
//   --profile DIR   writes a CPU profile of each server into this folder
//   --server PATH   another checkout, which is built already (this one)
//   --markdown F    writes the table of SECURITY.md into this file
//   --json F        writes every figure into this file

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

const { values } = parseArgs({
  options: {
    addresses: { type: 'string', default: '1' },
    heap: { type: 'string' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    markdown: { type: 'string' },
    only: { type: 'string' },
    profile: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    server: { type: 'string' },
  },
});
ensureInstalled();
const { ATTACKS } = await import('./abuse/attacks.mjs');
const chosen = ATTACKS.filter(({ name }) => isChosen(name, values.only?.split(',')));
if (values.list)
  for (const { name, row, says } of chosen) console.log(`${name}  (${row})  ${says}`);
else process.exit((await playAll()) ? 0 : 1);

async function playAll() {
  if (values.server === undefined) ensureBuilt();
  const { endAllAtExit, isPinned, pinThisProcess } = await import('./abuse/processes.mjs');
  const { play } = await import('./abuse/run.mjs');
  const { headLine, linesOf, markdownOf } = await import('./abuse/report.mjs');
  endAllAtExit();
  pinThisProcess();
  if (!isPinned) console.error('server and attackers share the cores: the figures are too high');
  const options = {
    addresses: Number(values.addresses),
    folder: values.server ?? root,
    heapMib: values.heap === undefined ? null : Number(values.heap),
    profileFolder: values.profile ?? null,
    seconds: Number(values.seconds),
  };
  const results = [];
  console.log(headLine());
  for (const attack of chosen) {
    const result = await play(attack, options);
    results.push(result);
    for (const line of linesOf(result)) console.log(line);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results, null, 1));
  }
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${markdownOf(results)}\n`);
  return results.every(({ ended, isServing }) => ended === null && isServing);
}

function isChosen(name, patterns = ['']) {
  return patterns.some((pattern) =>
    pattern.startsWith('*') ? name.includes(pattern.replaceAll('*', '')) : name.startsWith(pattern),
  );
}
