// `npm test`: installs and builds what is missing, system packages included where it can, and
// runs everything. `--quick` leaves out what needs system packages. Other arguments go to jest.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

const isCi = process.env.CI === 'true';
const given = process.argv.slice(2);
const isQuick = given.includes('--quick');

/**
 * Debian's packages that some of the tests need, and a command that succeeds if they are installed.
 * They are for Debian's own interpreters, even if others come first in the path.
 */
const GROUPS = [
  {
    stories: 'the browser stories',
    tests: '__tests__/stories/browser/',
    packages: ['chromium', 'fonts-noto-cjk'],
    probe: ['test', '-x', '/usr/bin/chromium'],
  },
  {
    stories: 'the stories of stomp.py',
    tests: '__tests__/stories/clients/python.test.ts',
    packages: ['python3', 'python3-stomp'],
    probe: ['/usr/bin/python3', '-c', 'import stomp'],
  },
  {
    stories: 'the stories of the stomp gem',
    tests: '__tests__/stories/clients/ruby.test.ts',
    packages: ['ruby', 'ruby-stomp'],
    probe: ['/usr/bin/ruby', '-e', 'require "stomp"'],
  },
  {
    stories: 'the stories of Net::Stomp',
    tests: '__tests__/stories/clients/perl.test.ts',
    packages: ['perl', 'libnet-stomp-perl'],
    probe: ['/usr/bin/perl', '-MNet::Stomp', '-MJSON::PP', '-e', '1'],
  },
  {
    stories: "the stories of PHP's Stomp",
    tests: '__tests__/stories/clients/php.test.ts',
    packages: ['php8.2-cli', 'php8.2-stomp'],
    probe: ['/usr/bin/php', '-r', 'exit(class_exists("Stomp") ? 0 : 1);'],
  },
  {
    stories: 'the stories of the package',
    tests: '__tests__/stories/package.test.ts',
    packages: ['git'],
    probe: ['git', '--version'],
  },
  {
    stories: 'the stories behind nginx',
    tests: '__tests__/stories/proxy/',
    packages: ['nginx-light'],
    probe: ['test', '-x', '/usr/sbin/nginx'],
  },
  {
    stories: 'the smoke test of the bench',
    tests: '__tests__/bench/',
    packages: ['gcc', 'libc6-dev'],
    // Without the headers, gcc exists but compiles nothing.
    probe: ['gcc', '-fsyntax-only', '-x', 'c', '-include', 'stdio.h', '/dev/null'],
  },
];

ensureInstalled();
ensureBuilt();
const leftOut = isQuick ? GROUPS : missingGroups();
process.exit(jest(given.filter((argument) => argument !== '--quick')));

/** Installs missing packages if it can; gives the groups that still lack some. In CI it fails. */
function missingGroups() {
  const missing = GROUPS.filter((group) => !isThere(group));
  if (missing.length === 0) return [];
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    aptGet('update', '-qq');
    // One by one, so that a package that cannot be installed keeps none of the others out.
    for (const { packages } of missing) {
      console.error(`installing ${packages.join(', ')} …`);
      aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages);
    }
  }
  const left = missing.filter((group) => !isThere(group));
  for (const { packages, stories } of left) {
    const cure = `"apt-get install ${packages.join(' ')}" as root brings what they need`;
    console.error(`${isCi ? 'not to be left out here' : 'left out'}: ${stories}; ${cure}`);
  }
  if (isCi && left.length > 0) process.exit(1);
  return left;
}

function isThere({ probe: [program, ...args] }) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function jest(rest) {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const paths = leftOut.map(({ tests }) => tests);
  const left = paths.length === 0 ? [] : ['--testPathIgnorePatterns', '/node_modules/', ...paths];
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [...options, program, ...rest, ...left];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
