// Runs the specs of a copy of stompjs in Chromium, as its checks do first of all. Started by
// `stompjs.mjs`.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { LEFT_OUT } from './left-out.mjs';
import { testOf } from './spec.mjs';

const { folder, results, ws } = JSON.parse(process.argv[2]);

const JASMINE = 'node_modules/jasmine-core/lib/jasmine-core';
/** In the order of its karma configuration, with jasmine before. */
const SCRIPTS = [
  ...['jasmine.js', 'jasmine-html.js', 'boot0.js'].map((name) => join(JASMINE, name)),
  'bundles/stomp.umd.js',
  'spec/config/browser-config.js',
  ...scriptsBelow('spec/helpers'),
  ...scriptsBelow('spec/unit'),
];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  // Chromium does not know the address of the intercepted page, and takes it for a public one.
  args: ['--no-sandbox', '--disable-features=LocalNetworkAccessChecks'],
});
const page = await browser.newPage();
page.on('console', (message) => console.log(message.text()));
page.on('pageerror', (error) => console.log(error));
// A page of the server's own origin: others may not connect.
const address = new URL('/client-suites', ws.replace(/^ws/, 'http')).href;
const body = '<!doctype html><title>Specs</title>';
await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body }));
await page.goto(address);
for (const script of SCRIPTS) await page.addScriptTag({ path: join(folder, script) });

const specs = await page.evaluate(runSpecs, { url: ws, leftOut: Object.keys(LEFT_OUT.stompjs) });
writeFileSync(results, JSON.stringify(specs.map(testOf)));
await browser.close();

function scriptsBelow(place) {
  return readdirSync(join(folder, place), { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => join(place, name));
}

/** Runs in the page: nothing of this file is there. */
function runSpecs({ url, leftOut }) {
  const { jasmine, TEST } = globalThis;
  TEST.url = url;
  const env = jasmine.getEnv();
  const isLeftOut = (name) => leftOut.some((start) => name.startsWith(start));
  env.configure({ random: false, specFilter: (spec) => !isLeftOut(spec.getFullName()) });
  return new Promise((resolve) => {
    const specs = [];
    env.addReporter({
      specDone: ({ fullName, status, failedExpectations, pendingReason }) => {
        const messages = failedExpectations.map(({ message }) => ({ message }));
        specs.push({ fullName, status, failedExpectations: messages, pendingReason });
      },
      jasmineDone: () => resolve(specs),
    });
    env.execute();
  });
}
