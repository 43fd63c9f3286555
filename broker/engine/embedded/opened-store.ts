// Opens what the embedded engine has between its start and its stop: the lock on its folder, the store
// and the streams in it.

import { isNativeError } from 'node:util/types';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { FactTable } from '../facts.ts';
import { DiskWatch } from './disk-watch.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import type { GroupLimits } from './group-retention.ts';
import { RoomStore } from './room-store.ts';
import { StreamTable } from './stream-table.ts';
import { Sweep } from './sweep.ts';

export interface EmbeddedEngineOptions {
  readonly clock: Clock;
  /** True if a destination has positions and a history. */
  readonly keeps: (destination: string) => boolean;
  /** The folder of its files, which belongs to one process at a time. */
  readonly folder: string;
  readonly limits: GroupLimits & {
    /** The most streams without messages whose positions are remembered on disk. */
    readonly dormantStreamsMax: number;
    /** The time for which writing may fail before the store gives up. */
    readonly storeRetryMs: number;
  };
  readonly log: Log;
}

/** The parts that exist between start and stop. */
export interface OpenedStore {
  readonly facts: FactTable;
  readonly lock: FolderLock;
  readonly store: RoomStore;
  /** `null`: the age of messages is not limited. */
  readonly sweep: Sweep | null;
  readonly table: StreamTable;
  readonly watch: DiskWatch;
}

interface Listener {
  readonly factChanged: (name: string, value: string | null) => void;
  /** There are streams whose oldest messages are too old. */
  readonly foundOld: () => void;
}

/** Rejects with FolderTakenError, or with an Error that describes the problem with the files. */
export async function openStore(
  options: EmbeddedEngineOptions,
  listener: Listener,
): Promise<OpenedStore> {
  const { clock, folder, limits, log } = options;
  const lock = await lockFolder(folder).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  try {
    const { dormantStreamsMax: dormantMax, storeRetryMs: retryMs } = limits;
    const store = await RoomStore.open(folder, { clock, dormantMax, lock, log, retryMs });
    return await openParts(options, listener, lock, store);
  } catch (error) {
    await lock.release();
    throw unusable(folder, error);
  }
}

async function openParts(
  { clock, folder, limits, log }: EmbeddedEngineOptions,
  { factChanged, foundOld: found }: Listener,
  lock: FolderLock,
  store: RoomStore,
): Promise<OpenedStore> {
  const { historySeconds, storeBytesMax } = limits;
  const table = new StreamTable(store);
  const facts = new FactTable(store.facts(), factChanged);
  const sweep =
    historySeconds > 0 ? new Sweep({ clock, found, historySeconds, store, table }) : null;
  const usedBytes = () => table.bytes;
  const watch = await DiskWatch.start({ clock, folder, log, storeBytesMax, usedBytes });
  return { facts, lock, store, sweep, table, watch };
}

/** An error without the code of the file system, which could be taken for that of a port. */
function unusable(folder: string, error: unknown): unknown {
  if (!isNativeError(error) || !('code' in error)) return error;
  return new Error(`${folder} cannot be used: ${error.message}`, { cause: error });
}
