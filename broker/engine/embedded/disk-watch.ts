// Logs how full the store and its disk are: at the start, and when either exceeds 80 or 95 %. A level
// is logged again only after the usage has fallen well below it.

import { statfs } from 'node:fs/promises';
import type { Cancel, Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly folder: string;
  readonly log: Log;
  readonly storeBytesMax: number;
  /** The bytes that the messages take now. */
  readonly usedBytes: () => number;
}

/** The size and the use of the disk, in bytes. */
interface Disk {
  readonly free: number;
  readonly total: number;
}

const LOOK_MS = 60_000;
const LEVELS = [0.8, 0.95] as const;
/** A level is left when the usage is this far below it. */
const MARGIN = 0.05;

/** The levels that one usage has reached, each of which is reported once. */
export class Levels {
  #reached = 0;

  /** The highest level that this usage has just reached; `null`: none. */
  reach(part: number): number | null {
    const level = LEVELS.filter((one) => part >= one).length;
    const kept = LEVELS.filter((one) => part >= one - MARGIN).length;
    const isHigher = level > this.#reached;
    this.#reached = Math.max(level, Math.min(this.#reached, kept));
    return isHigher ? (LEVELS[level - 1] ?? null) : null;
  }
}

export class DiskWatch {
  readonly #disk = new Levels();
  readonly #options: DiskWatchOptions;
  readonly #store = new Levels();
  readonly #stop: Cancel;

  private constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#stop = options.clock.every(LOOK_MS, () => void this.#look());
  }

  /** Logs how full both are, and watches them from then on. */
  static async start(options: DiskWatchOptions): Promise<DiskWatch> {
    const watch = new DiskWatch(options);
    const { log } = options;
    log.info(watch.#fields(await diskOf(options.folder)), 'the store and its disk');
    await watch.#look();
    return watch;
  }

  stop(): void {
    this.#stop();
  }

  async #look(): Promise<void> {
    const { folder, log, storeBytesMax, usedBytes } = this.#options;
    const disk = await diskOf(folder);
    const fields = this.#fields(disk);
    const ofStore = this.#store.reach(usedBytes() / storeBytesMax);
    if (ofStore !== null) {
      const text = `the store has used ${percent(ofStore)} of --store-bytes-max: the oldest messages go at 100 %`;
      log.warn(fields, text);
    }
    const ofDisk = disk === null ? null : this.#disk.reach(1 - disk.free / disk.total);
    if (ofDisk !== null) log.warn(fields, `the disk of the store is ${percent(ofDisk)} full`);
  }

  #fields(disk: Disk | null): object {
    const { folder, storeBytesMax, usedBytes } = this.#options;
    const ofDisk = disk === null ? {} : { diskFreeBytes: disk.free, diskBytes: disk.total };
    return { folder, storeBytes: usedBytes(), storeBytesMax, ...ofDisk };
  }
}

/** `null`: the system does not tell. */
async function diskOf(folder: string): Promise<Disk | null> {
  const found = await statfs(folder).catch(() => null);
  if (found === null || found.blocks === 0) return null;
  // Blocks that are reserved for root count as used.
  return { free: found.bavail * found.bsize, total: found.blocks * found.bsize };
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
