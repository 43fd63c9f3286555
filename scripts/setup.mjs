// What `npm start` and `npm test` do before anything else: install and build, but only where
// something changed since the last time.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the project; ends this process with its exit code if it fails. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** A program of node_modules/.bin, run by this very Node. */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

export function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.stomping-ground');
  const wanted = digest([join(root, 'package.json'), join(root, 'package-lock.json')]);
  if (isCurrent(stamp, wanted)) return;
  console.error('installing what package-lock.json lists …');
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

export function ensureBuilt() {
  const stamp = join(root, 'dist', '.stomping-ground');
  const wanted = digest([
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.json'),
    ...['broker', 'shared', 'web'].flatMap((folder) => filesBelow(join(root, folder))),
  ]);
  if (isCurrent(stamp, wanted)) return;
  console.error('building …');
  run(bin('tsc'), ['-p', 'broker']);
  run(bin('vite'), ['build', 'web', '--logLevel', 'warn']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function isCurrent(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
