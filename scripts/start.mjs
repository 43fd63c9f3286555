// `npm start`: installs, builds and serves. Arguments after `--` are the server's.

import { ensureBuilt, ensureInstalled } from './setup.mjs';

const parent = process.ppid;
ensureInstalled();
ensureBuilt();
// A signal to npm during the installation ends its shell only, so a server must not start after it.
if (process.ppid === parent) await import('../dist/broker/main.js');
