// The process of the attackers: `node load.mjs <name> <options as JSON>`. Over the IPC channel it
// reports that it is ready, waits for `go`, plays one attack until its time is up, and reports the
// outcome.

import { once } from 'node:events';
import { ATTACKS } from './attacks.mjs';
import { Context } from './context.mjs';

const [name, given] = process.argv.slice(2);
const attack = ATTACKS.find((one) => one.name === name);
if (attack === undefined) throw new Error(`there is no attack ${name}`);

process.send('ready');
await once(process, 'message');
const context = new Context(JSON.parse(given));
let problem = null;
try {
  await Promise.race([attack.run(context), context.timeIsUp]);
} catch (error) {
  problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
}
// An attack that has nothing more to do keeps its connections open until its time is up.
await context.timeIsUp;
process.send({ counts: context.tally.counts, problem }, () => process.exit(0));
