// What the peers have in common: where they listen, and what they make of a chat message. Ours
// reads the JSON, checks it and gives it an id and a time; a peer that only passed bytes on would
// be no chat server.

import { randomUUID } from 'node:crypto';

const BACKLOG = 8_192;

export const listenOptions = { backlog: BACKLOG, host: '127.0.0.1', port: Number(process.argv[2]) };

/** Changes what it is given: a copy would cost a peer more than ours. */
export function stamped(message) {
  return Object.assign(message, { id: randomUUID(), at: new Date().toISOString() });
}
