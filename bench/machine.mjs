// What the figures were measured on, and of what.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { compilerVersion } from './compiled.mjs';
import { printedBy, SERVER_CORE } from './processes.mjs';
import { rabbitMqVersion } from './rabbitmq.mjs';

const PACKAGES = ['ws', 'sockjs', 'socket.io', 'lmdb'];
const GIB = 2 ** 30;

/** Nanoseconds until the server's core has what is in none of its caches. */
export async function measureMemory(program) {
  return Number(await printedBy(SERVER_CORE, program, []));
}

/** Pairs of a name and what there is to say; `memoryNs` as it was measured before each run. */
export function describeMachine(memoryNs) {
  return [
    ['processor', `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`],
    ['memory', `${(totalmem() / GIB).toFixed(1)} GiB`],
    ['latency of memory', `${memoryNs.join(', ')} ns, in 16 MiB at random, before each run`],
    ['kernel', `${type()} ${release()}`],
    ['listen backlog', `8192 asked for, ${backlogAllowed()} allowed`],
    ['data on', fileSystem()],
    ['Node', process.version],
    ['packages', PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', ')],
    ['compiler', compilerVersion()],
    ['RabbitMQ', rabbitMqVersion() ?? 'not installed'],
    ['commit', commit()],
  ];
}

/** How many connections may wait to be accepted, whatever a server asks for. */
export function backlogAllowed() {
  return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
}

/** On a file system in memory a commit costs nothing, and its figures mean nothing. */
export function isDataInMemory() {
  return fileSystem() === 'tmpfs';
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function fileSystem() {
  return output('stat', ['--file-system', '--format=%T', tmpdir()]) ?? 'unknown';
}

function commit() {
  const hash = output('git', ['rev-parse', '--short=12', 'HEAD']);
  if (hash === null) return 'unknown';
  const isDirty = output('git', ['status', '--porcelain']) !== '';
  return `${hash}${isDirty ? ', with changes that are not committed' : ''}`;
}

/** What a program prints; null where it cannot. */
function output(program, args) {
  const { status, stdout } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
