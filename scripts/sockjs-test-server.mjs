// `npm run sockjs-test-server -- --port 8081`: installs, builds and serves the services that the
// public tests of SockJS run against.

import { ensureBuilt, ensureInstalled } from './setup.mjs';

ensureInstalled();
ensureBuilt();

const { watchNpm } = await import('../dist/broker/started-by.js');
watchNpm(process.env, () => process.exit());
await import('./sockjs-services.mjs');
