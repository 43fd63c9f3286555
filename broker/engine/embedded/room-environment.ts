// The LMDB environment of the rooms' file: opening it, reserving disk space before a transaction,
// and finding the cause of a failed one.

import { open as openFile } from 'node:fs/promises';
import { open, type RootDatabase } from 'lmdb';
import { statsOf } from '../stats.ts';
import type { Changes } from './changes.ts';
import { bytesToWrite } from './checkpoint-size.ts';
import type { FileRoom } from './file-room.ts';
import { DATABASES_MAX } from './file-state.ts';

/** Creates an empty file that only its owner may read, unless the file exists. */
export async function makePrivate(path: string): Promise<void> {
  const file = await openFile(path, 'a', 0o600);
  await file.close();
}

export function openEnvironment(path: string): RootDatabase {
  return open({
    path,
    noSubdir: true,
    cache: false,
    // With `true`, a commit would create promises of its own, whose rejections nobody handles.
    eventTurnBatching: false,
    maxDbs: DATABASES_MAX,
    // With `false`, `batch` settles when the commit is on disk.
    overlappingSync: false,
  });
}

/** Reserves disk space, because LMDB may end the process if the file cannot grow (file-room.ts). */
export async function makeRoom(
  root: RootDatabase,
  room: FileRoom,
  commits: readonly Changes[],
  indexPages = 0,
): Promise<void> {
  const { lastPageNumber, pageSize } = statsOf(root);
  const bytes = bytesToWrite(commits, pageSize, indexPages);
  await room.ensure((lastPageNumber + 1) * pageSize, bytes);
}

/** Makes the error of a failed commit, whose cause lmdb keeps in a promise on its own error. */
export async function causeOf(error: unknown): Promise<Error> {
  const reason: unknown = error instanceof Error ? Reflect.get(error, 'commitError') : null;
  const cause = await Promise.resolve(reason).catch((rejected: unknown) => rejected);
  return new Error('the store could not be written', { cause: cause ?? error });
}
