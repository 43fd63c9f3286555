// Runs the specs of a copy of stompjs in Node against one server, in a process of its own: the specs keep
// their settings in globals. Started by `stompjs.mjs`.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { whyLeftOut } from './left-out.mjs';
import { testOf } from './spec.mjs';

const { folder, results, ws, tcp } = JSON.parse(process.argv[2]);
const require = createRequire(join(folder, 'package.json'));
const { default: Jasmine } = await import(require.resolve('jasmine'));

const jasmine = new Jasmine({ projectBaseDir: folder });
jasmine.loadConfig({
  spec_dir: 'spec',
  // The files of its checks in browsers: those in Node leave out one without "spec" in its name.
  spec_files: ['unit/**/*.js'],
  helpers: ['config/node-config.js', 'helpers/**/*.js'],
});
// In the order of the files: a failure can be looked for again.
jasmine.randomizeTests(false);
jasmine.exitOnCompletion = false;
await jasmine.loadHelpers();
pointSpecsAtServer();

jasmine.env.configure({ specFilter: (spec) => whyLeftOut('stompjs', spec.getFullName()) === null });
const tests = [];
jasmine.env.addReporter({ specDone: (result) => tests.push(testOf(result)) });
await jasmine.execute();
writeFileSync(results, JSON.stringify(tests));
// A spec that failed may have left a socket open.
process.exit(0);

/** Their helpers hold the addresses of RabbitMQ; the TCP one is in the middle of a function. */
function pointSpecsAtServer() {
  globalThis.TEST.url = ws;
  if (tcp === null) return;
  const { TCPWrapper } = require('@stomp/tcp-wrapper');
  const { stompClient } = globalThis;
  globalThis.stompClient = () => {
    const client = stompClient();
    client.webSocketFactory = () => new TCPWrapper(tcp.host, tcp.port);
    return client;
  };
}
