// `npm start`: installs, builds and serves. Arguments after `--` are the server's.

import { ensureBuilt, ensureInstalled } from './setup.mjs';

ensureInstalled();
ensureBuilt();

// npm hands a signal to its shell, which may die of it without passing it on: who is left alone
// stops as if it had got the signal.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 500).unref();
await import('../dist/broker/main.js');
