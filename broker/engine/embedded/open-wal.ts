import { access } from 'node:fs/promises';
import type { RoomFile } from './room-file.ts';
import { StoreDamagedError } from './store-check.ts';
import type { Block } from './wal-blocks.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

const WAL_BYTES = 4 * 1_024 * 1_024;

/** A write-ahead log (WAL), and the blocks that the rooms' file does not have yet. */
export type OpenedWal = readonly [wal: WriteAheadLog, blocks: readonly Block[]];

/** Opens the WAL that continues the rooms' file, or creates one. Rejects if it is damaged or lost. */
export async function openWal(path: string, file: RoomFile): Promise<OpenedWal> {
  const state = file.wal();
  if (state === 'lost' && (await exists(path))) {
    throw new StoreDamagedError(path, 'it is not known which part of it is needed');
  }
  if (state !== 'lost' && state !== null)
    return WriteAheadLog.read(path, state.identity, state.position);
  // A WAL that exists all the same belongs to another file, or has nothing left that is needed.
  const wal = await WriteAheadLog.create(path, WAL_BYTES);
  try {
    file.keepWal({ identity: wal.identity, position: wal.end });
  } catch (error) {
    await wal.remove();
    throw error;
  }
  return [wal, []];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
