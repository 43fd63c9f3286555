// The processes of a run: started on a core of their own where that can be, and ended by their
// ids, whatever happens; temporary folders go with them.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const INTERRUPTED = 130;
const READY_MS = 30_000;
const READY_EVERY_MS = 20;
const STOP_MS = 10_000;
/** Of what a process says about itself, the end is what tells why it gave up. */
const OUTPUT_MAX = 4_096;

const running = new Set();
const folders = new Set();

/** Why processes cannot each have a core of their own; null if they can. */
export const unpinnedBecause =
  availableParallelism() < 2
    ? 'there is one core: server and load share it'
    : spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0
      ? 'taskset is missing (Debian: util-linux): server and load may share a core'
      : null;

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { force: true, recursive: true });
  folders.delete(folder);
}

/** Starts a program; `output` of what it gives is the end of what it wrote to standard error. */
export function start(core, program, args, options = {}) {
  // taskset becomes the program: the id is the same.
  const [command, ...rest] =
    unpinnedBecause === null
      ? ['taskset', '--cpu-list', String(core), program, ...args]
      : [program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const started = { child, output: '', pid: child.pid };
  child.stderr?.on('data', (text) => {
    started.output = (started.output + text).slice(-OUTPUT_MAX);
  });
  // A program that is missing is told by `ended`, like one that fails.
  started.ended = once(child, 'close').then(
    ([code]) => code,
    (error) => {
      started.output = error.message;
      return -1;
    },
  );
  running.add(started);
  started.ended.then(() => running.delete(started));
  return started;
}

/** What a program prints on its way to its end; throws with what it says if it fails. */
export async function printedBy(core, program, args) {
  const started = start(core, program, args);
  let text = '';
  started.child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  if ((await started.ended) !== 0) throw new Error(started.output.trim());
  return text;
}

/** Ends it, and resolves when it is gone; by force if it takes too long. */
export async function end(started, signal = 'SIGTERM') {
  if (!running.has(started)) return;
  started.child.kill(signal);
  const timer = setTimeout(() => started.child.kill('SIGKILL'), STOP_MS);
  await started.ended;
  clearTimeout(timer);
}

/** Whatever ends this program, an interrupt as well, ends what it started. */
export function endAllAtExit() {
  process.once('exit', endAll);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(INTERRUPTED));
}

function endAll() {
  for (const { child } of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { force: true, recursive: true });
}

/** Ports that nobody has right now. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Waits until it does what `isReady` asks for; rejects if it ends before. */
export async function becomesReady(started, isReady) {
  const deadline = Date.now() + READY_MS;
  while (running.has(started) && Date.now() < deadline) {
    if (await isReady()) return;
    await sleep(READY_EVERY_MS);
  }
  const why = running.has(started) ? 'did not become ready' : 'ended at once';
  throw new Error(`the server ${why}: ${started.output.trim()}`);
}

export function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export function isHealthy(port) {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}
