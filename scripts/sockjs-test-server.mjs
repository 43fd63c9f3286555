// `npm run sockjs-test-server -- --port 8081`: installs, builds and serves what the public tests of
// SockJS run against.

import { ensureBuilt, ensureInstalled } from './setup.mjs';

ensureInstalled();
ensureBuilt();

// npm may die of a signal without passing it on, as in start.mjs.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, 500).unref();
await import('./sockjs-services.mjs');
