// What a commit takes that is alone: one message at a time through the embedded engine, as far
// apart as those of scenario (c). Runs as a process of its own and prints one line of JSON.
//
//   node bench/lone-commit.mjs <folder> <commits> <apart in ms>

import { setTimeout as sleep } from 'node:timers/promises';
import { wallClock } from '../dist/broker/clock.js';
import { readCommandLine } from '../dist/broker/command-line.js';
import { EmbeddedEngine } from '../dist/broker/engine/embedded/embedded-engine.js';
import { silentLog } from '../dist/broker/log.js';

const WARM_UP = 20;
/** Of a chat message with its id and time. */
const BODY_BYTES = 180;

const [folder, count, apartMs] = process.argv.slice(2);
const { config } = readCommandLine([], {});
const engine = new EmbeddedEngine({
  clock: wallClock,
  folder,
  keeps: () => true,
  limits: config,
  log: silentLog,
});
await engine.start(() => undefined);
for (let at = 0; at < WARM_UP; at += 1) await commit();
const latencies = [];
for (let at = 0; at < Number(count); at += 1) {
  await sleep(Number(apartMs));
  latencies.push(await commit());
}
await engine.stop();
latencies.sort((one, other) => one - other);
const share = (of) => latencies[Math.floor(latencies.length * of)];
console.log(JSON.stringify({ p50: share(0.5), p99: share(0.99), p999: latencies.at(-1) }));

async function commit() {
  const begun = performance.now();
  const message = {
    headers: [['content-type', 'application/json']],
    body: Buffer.alloc(BODY_BYTES, 'x'),
  };
  const outcome = await engine.append([{ destination: '/topic/chat/room/1000', message }]);
  if (outcome.type !== 'appended') throw new Error(outcome.text);
  return performance.now() - begun;
}
