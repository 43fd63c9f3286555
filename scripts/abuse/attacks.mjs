// All attacks, in the order in which they are played.

import { CHAT } from './attacks/chat.mjs';
import { CONNECTIONS } from './attacks/connections.mjs';
import { FAN_OUT } from './attacks/fan-out.mjs';
import { HISTORY } from './attacks/history.mjs';
import { MEMORY } from './attacks/memory.mjs';
import { MORE } from './attacks/more.mjs';
import { PATTERNS } from './attacks/patterns.mjs';
import { REFUSALS } from './attacks/refusals.mjs';
import { SHARES } from './attacks/shares.mjs';
import { TURNS } from './attacks/turns.mjs';

/**
 * @typedef {object} Attack
 * @property {string} name
 * @property {string} row what of the server it is about
 * @property {string} says
 * @property {number} [secondsMin] where it shows only later what it did
 * @property {readonly string[]} [settings] of the server, where the defaults will not do
 * @property {(context: import('./context.mjs').Context) => Promise<unknown>} run
 */

/** @type {readonly Attack[]} */
export const ATTACKS = [
  ...FAN_OUT,
  ...TURNS,
  ...REFUSALS,
  ...PATTERNS,
  ...CHAT,
  ...HISTORY,
  ...MEMORY,
  ...CONNECTIONS,
  ...SHARES,
  ...MORE,
];
