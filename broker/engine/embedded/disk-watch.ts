// Tells the log how full the store is, and the disk that it is on: at the start, and when either gets
// over 80 or 95 %. It is told again only after it has fallen well below.

import { statfs } from 'node:fs/promises';
import type { Cancel, Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly folder: string;
  readonly log: Log;
  readonly storeBytesMax: number;
  /** What the messages take now. */
  readonly usedBytes: () => number;
}

/** Of the disk, in bytes. */
interface Disk {
  readonly free: number;
  readonly total: number;
}

const LOOK_MS = 60_000;
const LEVELS = [0.8, 0.95] as const;
/** How far below a level it counts as left. */
const MARGIN = 0.05;

/** How often a level was reached, as a part of something was used. */
export class Levels {
  #reached = 0;

  /** The highest level that was reached only now; `null`: none. */
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

  /** Tells how full both are, and watches them from then on. */
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

/** `null`: the system does not say. */
async function diskOf(folder: string): Promise<Disk | null> {
  const found = await statfs(folder).catch(() => null);
  if (found === null || found.blocks === 0) return null;
  // Some blocks are root's only: they are not free, and count as used.
  return { free: found.bavail * found.bsize, total: found.blocks * found.bsize };
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
