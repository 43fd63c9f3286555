// Loaded into the server before its own code (`node --import`): measures how long its event loop
// is blocked, and how much memory it uses. The figures go to the parent over the IPC channel. The
// server itself is not changed, and the channel does not keep it alive.

import { openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const TICK_MS = 10;
const REPORT_EVERY_MS = 100;
const NANOSECONDS = 1e6;

const histogram = monitorEventLoopDelay({ resolution: TICK_MS });
histogram.enable();

/** Run time, time that was spent waiting for a core, and time slices of the main thread. */
const schedule = openSchedule();
const scheduleText = Buffer.alloc(96);
let lastTickAt = performance.now();
let lastWaited = waitedMs();
let delayMs = 0;
/** The longest delay that is left when the time spent waiting for a core is taken off. */
let ownDelayMs = 0;
let heapBytes = 0;
let rssBytes = 0;

setInterval(tick, TICK_MS).unref();
setInterval(report, REPORT_EVERY_MS).unref();
process.channel?.unref();

function tick() {
  const now = performance.now();
  const waited = waitedMs();
  const lateMs = now - lastTickAt - TICK_MS;
  delayMs = Math.max(delayMs, lateMs);
  ownDelayMs = Math.max(ownDelayMs, lateMs - (waited - lastWaited));
  lastTickAt = now;
  lastWaited = waited;
}

function report() {
  const { arrayBuffers, external, heapUsed, rss } = process.memoryUsage();
  heapBytes = Math.max(heapBytes, heapUsed + external);
  rssBytes = Math.max(rssBytes, rss);
  // The histogram holds whole intervals; the delay is what goes beyond one.
  delayMs = Math.max(delayMs, histogram.max / NANOSECONDS - TICK_MS);
  if (!process.connected) return;
  process.send(
    { arrayBuffers, delayMs, heapBytes, ownDelayMs, rssBytes },
    undefined,
    undefined,
    noted,
  );
}

/** A failed send is ignored: the parent has ended. */
function noted() {}

function waitedMs() {
  if (schedule === null) return 0;
  const length = readSync(schedule, scheduleText, 0, scheduleText.length, 0);
  return Number(scheduleText.toString('latin1', 0, length).split(' ')[1]) / NANOSECONDS;
}

/** Only Linux has it. */
function openSchedule() {
  try {
    return openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return null;
  }
}

// Samples from the start of the server are dropped: no attack caused them.
process.on('message', (message) => {
  if (message !== 'begin') return;
  histogram.reset();
  delayMs = 0;
  ownDelayMs = 0;
  heapBytes = 0;
  rssBytes = 0;
});
process.channel?.unref();
