// `npm run client-suites -- --stompjs <folder> --stomp-py <folder>`: runs the test suites of two
// STOMP clients, from checkouts that the user has, against a server that it starts. The folders
// are only read: the suites run in copies below a temporary folder, and what they need is
// installed there. `client-suites/left-out.mjs` lists what is not run, and why.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { startPeer } from './client-suites/peer.mjs';
import { endAll } from './client-suites/process.mjs';
import { report } from './client-suites/report.mjs';
import { stompPySuite } from './client-suites/stomp-py.mjs';
import { stompjsSuite } from './client-suites/stompjs.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';

const USAGE = `npm run client-suites -- [--stompjs <folder>] [--stomp-py <folder>]

  --stompjs <folder>    a checkout of github.com/stomp-js/stompjs
  --stomp-py <folder>   a checkout of github.com/jasonrbriggs/stomp.py; needs python3
  --peer-ws <url>       a server that runs already, to compare with; both of the two, or none
  --peer-tcp <address>  the same server's STOMP over TCP, as 127.0.0.1:61613
  --keep                keeps the temporary folder, with the logs
`;

const SUITES = { stompjs: stompjsSuite, 'stomp-py': stompPySuite };

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        stompjs: { type: 'string' },
        'stomp-py': { type: 'string' },
        'peer-ws': { type: 'string' },
        'peer-tcp': { type: 'string' },
        keep: { type: 'boolean', default: false },
      },
    });
    const isHalfAPeer = (values['peer-ws'] === undefined) !== (values['peer-tcp'] === undefined);
    if (isHalfAPeer) throw new Error('--peer-ws and --peer-tcp go together');
    if (Object.keys(SUITES).every((name) => values[name] === undefined))
      throw new Error('no suite is given');
    return values;
  } catch (error) {
    fail(`${error.message}\n\n${USAGE}`);
  }
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

/** Copies a checkout without what its owner installed in it, or what git keeps. */
function copy(from, to) {
  const skipped = new Set(['.git', 'node_modules', '.venv', 'venv', 'docs', 'api-docs']);
  cpSync(from, to, {
    recursive: true,
    filter: (path) =>
      !relative(from, path)
        .split(sep)
        .some((part) => skipped.has(part)),
  });
  return to;
}

async function runSuite(suite, given, temporary, values) {
  const folder = copy(given, join(temporary, suite.name));
  console.error(`${suite.name}: installing what it needs …`);
  await suite.install(folder);
  const results = [];
  for (const variant of suite.variants) {
    const peer = await startPeer(values, suite);
    console.error(`${suite.name} ${variant}: running against ${peer.name} …`);
    const result = await suite.run({ folder, variant, peer });
    await peer.stop();
    // A suite without results is a failure, not a success.
    if (result.tests.length === 0) throw new Error(`${result.suite}: no test was found`);
    results.push(result);
  }
  return results;
}

const values = readArguments();
const wanted = Object.keys(SUITES).filter((name) => values[name] !== undefined);
for (const name of wanted) {
  const problem = SUITES[name].problemOf(values[name]);
  if (problem !== null) fail(`--${name} ${values[name]}: ${problem}`);
}

ensureInstalled();
ensureBuilt();
const temporary = mkdtempSync(join(tmpdir(), 'client-suites-'));
process.once('exit', () => {
  endAll();
  if (values.keep) process.stderr.write(`kept: ${temporary}\n`);
  else rmSync(temporary, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

try {
  const results = [];
  for (const name of wanted)
    results.push(...(await runSuite(SUITES[name], values[name], temporary, values)));
  process.exit(report(results));
} catch (error) {
  fail(`${basename(process.argv[1])}: ${error.message}`);
}
