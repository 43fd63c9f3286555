import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { emptyFolder } from '../../support/empty-folder.ts';

export const OLD_STORES = [
  'format-1',
  'format-2-first-journal',
  'format-2-stopped',
  'format-2-killed',
] as const;

/** A folder with the files that an earlier version left, as `__tests__/fixtures/stores` has them. */
export function oldStore(name: (typeof OLD_STORES)[number]): string {
  const folder = emptyFolder();
  for (const file of ['rooms.mdb', 'rooms.journal']) {
    const packed = resolve('__tests__/fixtures/stores', name, `${file}.gz`);
    if (!existsSync(packed)) continue;
    writeFileSync(join(folder, file), gunzipSync(readFileSync(packed)));
  }
  return folder;
}
