// The processes of a run and their folders. Each process is ended by its own id, whatever ends this
// program; where there are two cores, the server has one of them for itself.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const INTERRUPTED = 130;
/** The load gives way to the witness, which shares its core and must not be measured waiting for it. */
const LOAD_NICENESS = '19';

const running = new Set();
const folders = new Set();

/** True where each process can be pinned to a core of its own. */
export const isPinned =
  availableParallelism() >= 2 &&
  spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

/** Leaves the server's core to the server. */
export function pinThisProcess() {
  if (!isPinned) return;
  const core = String(LOAD_CORE);
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(process.pid)], {
    stdio: 'ignore',
  });
}

/** Starts Node on a core. */
export function startNode(core, args, options) {
  const inFront = [
    ...(isPinned ? ['taskset', '--cpu-list', String(core)] : []),
    ...(core === LOAD_CORE ? ['nice', '-n', LOAD_NICENESS] : []),
  ];
  // Both of them become the program: the id is the same.
  const [program, ...rest] = [...inFront, process.execPath, ...args];
  const child = spawn(program, rest, options);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Ends a process, by force if it takes longer than this; resolves when it is gone. */
export async function end(child, graceMs = 0) {
  if (!running.has(child)) return;
  const closed = once(child, 'close');
  if (graceMs > 0) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await closed;
  clearTimeout(timer);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'abuse-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { force: true, recursive: true });
  folders.delete(folder);
}

export function endAllAtExit() {
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { force: true, recursive: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(INTERRUPTED));
}
