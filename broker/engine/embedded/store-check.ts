// Checks the rooms' file before LMDB opens it. LMDB maps the file into memory and trusts it, so a
// truncated or foreign file would crash the process. Records have checksums, which each read verifies.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileMeta, isUsable, META_BYTES, readMeta } from './file-meta.ts';
import { misfitOf } from './page-walk.ts';

/** The file cannot be used. */
export class StoreDamagedError extends Error {
  constructor(path: string, why: string) {
    super(`${path} is damaged: ${why}; move it away, or put a copy in its place`);
    this.name = 'StoreDamagedError';
  }
}

/** The largest file that each start walks through, which takes a fraction of a second. */
const WALKED_BYTES_MAX = 64 * 1_024 * 1_024;

/**
 * Throws StoreDamagedError if the file is damaged. A file that does not exist is not.
 *
 * @param wasReleased false: its last process was killed, so the file is walked through, however large
 */
export function checkStore(path: string, wasReleased: boolean): void {
  const file = openIfThere(path);
  if (file === null) return;
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const meta = newestMeta(file);
    if (meta === null) throw new StoreDamagedError(path, 'it is not a file of this server');
    // The last pages may never have been written, so a short file may be complete.
    const isShort = size < (meta.lastPage + 1) * meta.pageBytes;
    if (!isShort && wasReleased && size > WALKED_BYTES_MAX) return;
    const misfit = misfitOf(file, meta);
    if (misfit === null) return;
    const why = isShort ? 'a part of it is missing' : `it cannot be read (${misfit})`;
    throw new StoreDamagedError(path, why);
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return null;
    throw error;
  }
}

/** `null`: the file does not begin as an LMDB file does. */
function newestMeta(file: number): FileMeta | null {
  const first = metaAt(file, 0);
  const second = first === null ? null : metaAt(file, first.pageBytes);
  if (first === null || second === null) return null;
  // Transactions write the two meta pages alternately.
  const isPair = Math.abs(first.transaction - second.transaction) <= 1;
  if (!isPair || first.pageBytes !== second.pageBytes) return null;
  return first.transaction > second.transaction ? first : second;
}

function metaAt(file: number, at: number): FileMeta | null {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(file, bytes, 0, META_BYTES, at) < META_BYTES) return null;
  return isUsable(bytes) ? readMeta(bytes) : null;
}
