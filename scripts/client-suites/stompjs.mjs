// The suite of stompjs: jasmine specs, run in a browser, and in Node over WebSocket and over TCP,
// as its own checks do.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, runLogged } from './process.mjs';

const INSTALL_MS = 300_000;
const RUN_MS = 300_000;
const RUNNERS = {
  'in Chromium': 'browser.mjs',
  'over WebSocket': 'jasmine.mjs',
  'over TCP': 'jasmine.mjs',
};
const CHROMIUM = '/usr/bin/chromium';

export const stompjsSuite = {
  name: 'stompjs',
  variants: Object.keys(RUNNERS),
  wantsUsualPort: false,
  wantsIpv6: false,

  problemOf(folder) {
    if (!existsSync(folder)) return 'there is no such folder';
    const isIts = manifestOf(folder)?.name === '@stomp/stompjs';
    if (!isIts) return 'this is not stompjs: it has no package.json of @stomp/stompjs';
    if (!existsSync(join(folder, 'spec', 'support', 'jasmine.json')))
      return 'this has no specs: a checkout of the repository is needed, not the npm package';
    if (!existsSync(join(folder, 'bundles', 'stomp.umd.js')))
      return 'this has no bundles/stomp.umd.js, which the specs load: "npm run build" there makes it';
    return null;
  },

  /** Only what the specs load: the browsers and builders among its dependencies are many. */
  async install(folder) {
    const { devDependencies, ...manifest } = manifestOf(folder);
    const devOnly = { jasmine: devDependencies.jasmine, ws: devDependencies.ws };
    const needed = { ...devOnly, '@stomp/tcp-wrapper': '^1.0.1' };
    const { name, version, type } = manifest;
    const reduced = { name, version, type, private: true, devDependencies: needed };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(reduced));
    const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
    const log = join(folder, 'install.log');
    const code = await runLogged('npm', args, { cwd: folder, log, timeoutMs: INSTALL_MS });
    if (code !== 0) throw new Error(`npm could not install it:\n${lastLines(log)}`);
  },

  async run({ folder, variant, peer }) {
    const suite = `stompjs ${manifestOf(folder).version} ${variant}`;
    if (variant === 'in Chromium' && !existsSync(CHROMIUM)) {
      const detail = `there is no ${CHROMIUM}`;
      return { suite, tests: [{ name: 'all of it', outcome: 'left out', detail }] };
    }
    const results = join(folder, `${variant}.json`);
    const log = join(folder, `${variant}.log`);
    const told = { folder, results, ws: peer.ws, tcp: variant === 'over TCP' ? peer.tcp : null };
    const runner = fileURLToPath(new URL(RUNNERS[variant], import.meta.url));
    const args = [runner, JSON.stringify(told)];
    const code = await runLogged(process.execPath, args, { cwd: folder, log, timeoutMs: RUN_MS });
    if (!existsSync(results))
      throw new Error(`the specs ended with ${code} and no results:\n${lastLines(log)}`);
    return { suite, tests: JSON.parse(readFileSync(results, 'utf8')) };
  },
};

function manifestOf(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
