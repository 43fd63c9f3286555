// LMDB maps its file into memory and trusts it: one that was cut short, or is something else, would
// end the process without a word. So the file is looked at before it is opened.

import { spawnSync } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { DATABASES_MAX } from './file-state.ts';

/** The file cannot be used. */
export class StoreDamagedError extends Error {
  constructor(path: string, why: string) {
    super(`${path} is damaged: ${why}; move it away, or put a copy in its place`);
    this.name = 'StoreDamagedError';
  }
}

const MAGIC = 0xbeefc0de;
const META_BYTES = 0xa0;
/** Where a meta page has its fields, the header of a page included. */
const AT = { magic: 0x18, pageBytes: 0x30, lastPage: 0x90 } as const;

/** A file up to this is read as a whole at each start, which takes a fraction of a second. */
const READ_BYTES_MAX = 64 * 1_024 * 1_024;

/**
 * Rejects with StoreDamagedError; a file that is not there is fine. There are no checksums: what is
 * noticed is what cannot be read.
 *
 * @param wasReleased false: whoever wrote it last was killed, so it is read as a whole however large
 */
export async function checkStore(path: string, wasReleased: boolean): Promise<void> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size === 0) return;
  const first = await readMeta(path, 0);
  const pageBytes = first?.readUInt32LE(AT.pageBytes) ?? 0;
  const second = first === null ? null : await readMeta(path, pageBytes);
  if (first === null || second === null) {
    throw new StoreDamagedError(path, 'it is no file of this server');
  }
  const lastPage = [first, second].map((meta) => Number(meta.readBigUInt64LE(AT.lastPage)));
  // Pages at the end may never have been written, so a short file may be whole all the same.
  const isShort = size < (Math.max(...lastPage) + 1) * pageBytes;
  if (!isShort && wasReleased && size > READ_BYTES_MAX) return;
  if (isDamaged(path, isShort)) {
    throw new StoreDamagedError(path, isShort ? 'a part of it is missing' : 'it cannot be read');
  }
}

async function readMeta(path: string, at: number): Promise<Buffer | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, at);
    return bytesRead === META_BYTES && buffer.readUInt32LE(AT.magic) === MAGIC ? buffer : null;
  } finally {
    await file.close();
  }
}

/** What LMDB says of a file that is not as it was written. */
const DAMAGE = 'MDB_(BAD|CORRUPTED|CURSOR|INVALID|PAGE|PANIC|VERSION)';
const DAMAGED = 3;

/**
 * Reads all of it in a process of its own, whose end is only its own. The names of what is in it may
 * stand on the page where it was cut, which reads as an empty one.
 */
function isDamaged(path: string, isShort: boolean): boolean {
  const code = `
    import { open } from ${JSON.stringify(import.meta.resolve('lmdb'))};
    try {
      const path = ${JSON.stringify(path)};
      const root = open({ path, noSubdir: true, readOnly: true, maxDbs: ${DATABASES_MAX} });
      const names = [...root.getKeys()];
      if (names.length === 0 && ${isShort}) process.exit(${DAMAGED});
      for (const name of names) {
        const one = root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' });
        for (const { value } of one.getRange()) value.length;
      }
    } catch (error) {
      process.exit(/${DAMAGE}/.test(String(error)) ? ${DAMAGED} : 0);
    }
    process.exit(0);
  `;
  const { signal, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    stdio: 'ignore',
  });
  // What keeps a process from being started, or a file from being locked, is no damage.
  return signal !== null || status === DAMAGED;
}
