// Installation and build, which `npm start`, `npm test` and others begin with. Both are skipped if
// nothing changed since the last time.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // `npm pack --dry-run` hands its own options to this npm, and still packs what is built.
  run('npm', ['ci', '--dry-run=false', ...options]);
  writeFileSync(stamp, wanted);
}

/** False in a packed package, which is built and has nothing to build from. */
export function hasSources() {
  return ['broker', 'shared', 'web'].every((folder) => existsSync(join(root, folder)));
}

/** True where the build has its tools; an installation without devDependencies has none. */
export function hasBuildTools() {
  return ['tsc', 'vite'].every((name) => existsSync(bin(name)));
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
  // Output of sources that were renamed or removed would stay, and go into the package.
  for (const folder of ['broker', 'shared'])
    rmSync(join(root, 'dist', folder), { recursive: true, force: true });
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
