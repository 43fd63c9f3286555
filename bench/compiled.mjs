// The programs in C, compiled for this run.

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export const NO_COMPILER =
  'the load generator is written in C: gcc is needed (Debian: apt-get install gcc libc6-dev)';

/** The first line of what gcc says about itself; null without one. */
export function compilerVersion() {
  const { status, stdout } = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : null;
}

/** The paths of the load generator, of the limit, and of what measures the machine's memory. */
export function compile(folder) {
  const programs = {};
  for (const name of ['load', 'limit', 'memory']) {
    programs[name] = join(folder, name);
    const args = ['-O2', '-o', programs[name], join(here, `${name}.c`)];
    const { status } = spawnSync('gcc', args, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(NO_COMPILER);
  }
  return programs;
}
