// Plays one attack: a fresh server, the witness, the attackers in a process of their own, and after
// them a client that comes for the first time.

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Context } from './context.mjs';
import { end, LOAD_CORE, startNode } from './processes.mjs';
import { ServerProcess } from './server-process.mjs';
import { Witness, within } from './witness.mjs';

const LOAD = fileURLToPath(new URL('./load.mjs', import.meta.url));
/** A run without an attack, so that the first figures are not those of cold code. */
const WARM_UP_MS = 1_000;
/** Time that attackers get beyond their own before they are killed. */
const LOAD_GRACE_MS = 60_000;
/** Time that the server gets to recover. */
const RECOVERY_MS = 60_000;
/** A new client that waits longer is not served. */
const SERVED_MS = 10_000;
const NEWCOMER = '127.0.0.3';

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} row
 * @property {number} delayMs longest delay of the event loop
 * @property {number} ownDelayMs the same without the time that the server waited for a core
 * @property {number} rssBytes the most
 * @property {number} heapBytes the most, buffers included
 * @property {Record<string, number>} counts what the attackers achieved
 * @property {string | null} ended how the server ended; null: it lives
 * @property {boolean} isServing whether a new client was served afterwards
 * @property {object} witness
 * @property {string | null} problem of the attack itself
 */

/**
 * @param {import('./attacks.mjs').Attack} attack
 * @param {{ addresses: number, folder: string, heapMib: number | null, profileFolder: string | null, seconds: number }} options
 * @returns {Promise<Result>}
 */
export async function play(attack, { addresses, folder, heapMib, profileFolder, seconds: given }) {
  const seconds = Math.max(given, attack.secondsMin ?? 0);
  const { settings = [] } = attack;
  const server = new ServerProcess({ folder, heapMib, profileFolder, settings });
  try {
    const ports = await server.ready();
    const witness = new Witness();
    await witness.start(ports.http);
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    let startedAt = 0;
    // Starting a process blocks the one that does it, and with it the witness.
    const begin = () => {
      server.begin();
      witness.begin();
      startedAt = performance.now();
    };
    const load = await attackWith(attack.name, { ...ports, addresses, seconds }, begin);
    const seen = await witness.finish(RECOVERY_MS);
    const isServing = server.ended === null && (await serves(ports));
    const { ended, lines, logBytes } = server;
    const tookMs = performance.now() - startedAt;
    const measured = server.measured();
    const { name, row, says } = attack;
    const log = { lines: Object.fromEntries(lines), bytes: logBytes, lastWords: server.lastWords };
    return { name, row, says, ...measured, ...load, ended, isServing, log, tookMs, witness: seen };
  } finally {
    await server.stop();
  }
}

/** @param {() => void} begin runs when the attackers are ready to begin */
async function attackWith(name, given, begin) {
  const child = startNode(LOAD_CORE, [LOAD, name, JSON.stringify(given)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let result = { counts: {}, problem: 'the attackers did not end in time' };
  child.on('message', (message) => {
    if (message === 'ready') {
      begin();
      child.send('go');
    } else result = message;
  });
  const timer = setTimeout(() => void end(child), given.seconds * 1_000 + LOAD_GRACE_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return result;
}

/** True if a new client can connect, publish, and read the history. */
async function serves(ports) {
  const context = new Context({ ...ports, seconds: 0 });
  const line = await within(SERVED_MS, context.webSocket({ from: NEWCOMER }));
  if (line === false) return false;
  const answers = async () => {
    const room = '/topic/chat/room/newcomer';
    if (!(await line.logIn())) return false;
    if (!(await line.receipted('SUBSCRIBE', { destination: room, id: 'room' }))) return false;
    const body = JSON.stringify({ type: 'TALK', roomId: 'newcomer', sender: 'new', message: 'hi' });
    const isSaid = await line.receipted('SEND', { destination: '/app/chat/message' }, body);
    const path = '/api/rooms/newcomer/messages';
    return isSaid && (await context.ask('GET', path, { from: NEWCOMER })) === 200;
  };
  const isServed = await within(SERVED_MS, answers());
  line.end();
  return isServed;
}
