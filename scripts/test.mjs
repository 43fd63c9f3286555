// `npm test`: installs and builds what is missing, system packages included where it can, and
// runs everything. `--quick` leaves out what needs a browser. Other arguments go to jest.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

const isCi = process.env.CI === 'true';
const given = process.argv.slice(2);
const isQuick = given.includes('--quick');

/** What the browser stories need; Debian's names. */
const PACKAGES = ['chromium', 'fonts-noto-cjk'];

ensureInstalled();
ensureBuilt();
const hasBrowser = !isQuick && ensureBrowser();
process.exit(jest(given.filter((argument) => argument !== '--quick')));

function ensureBrowser() {
  if (existsSync('/usr/bin/chromium')) return true;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.error(`installing ${PACKAGES.join(', ')} …`);
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { ...quiet, env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], {
      ...quiet,
      env,
    });
    if (existsSync('/usr/bin/chromium')) return true;
  }
  if (isCi) {
    console.error('chromium is not there and could not be installed');
    process.exit(1);
  }
  console.error(
    'left out: the browser stories; "apt-get install chromium" as root brings what they need',
  );
  return false;
}

function jest(rest) {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const left = hasBrowser
    ? []
    : ['--testPathIgnorePatterns', '/node_modules/', '__tests__/stories/browser/'];
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [...options, program, ...rest, ...left];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
