// Carries commits from the WAL over into the rooms' file, many at once, and frees their place in
// the WAL. While the file cannot be written, attempts are a growing pause apart: meanwhile commits
// go on for as long as the WAL has room for them.

import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { BackOff } from './back-off.ts';
import type { Backlog } from './backlog.ts';
import type { Changes } from './changes.ts';
import type { FolderLock } from './folder-lock.ts';
import type { RoomFile } from './room-file.ts';
import type { LogPosition } from './wal-blocks.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

export interface CheckpointOptions {
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly file: RoomFile;
  readonly wal: WriteAheadLog;
  readonly lock: Pick<FolderLock, 'check'>;
  readonly log: Log;
  /** Called after each attempt to write the file. */
  readonly looked: () => void;
}

/** Things to carry over, from which on it is worth a transaction. */
const CARRIED_MIN = 256;
/** Bytes of records from which on it is: with large messages the WAL is full long before 256. */
const CARRIED_BYTES_MIN = 1_024 * 1_024;
/** Of these, what one transaction takes: some milliseconds of the event loop. */
const CARRIED = { size: 1_024, bytes: 2 * 1_024 * 1_024 } as const;

export class Checkpoints {
  readonly #backOff: BackOff;
  readonly #options: CheckpointOptions;
  #isCarryingOn = false;
  #isStopped = false;
  /** What writes the file now; there is one at a time. */
  #writing: Promise<void> | null = null;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock, () => void this.#tryAgain());
  }

  /** Whether the last attempt to write the file failed. */
  get isFailing(): boolean {
    return this.#backOff.isFailing;
  }

  /** How long the file could not be written. */
  get failingMs(): number {
    return this.#backOff.failingMs;
  }

  /** Carries over once there is enough of it, after what the commit brought about: nobody waits for it. */
  soon(): void {
    if (this.#isCarryingOn || this.#backOff.isFailing || !this.#isWorthIt) return;
    this.#isCarryingOn = true;
    setImmediate(() => void this.#carryOn());
  }

  /**
   * Carries the oldest commits over, or waits until some are. Rejects with the cause if none could
   * be, at once if it is too early for another attempt.
   */
  carryOver(): Promise<void> {
    this.#writing ??= this.#carryFirst().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /** Writes what is larger than the WAL, while nothing else is in the backlog. Rejects likewise. */
  async writeDirectly(changes: Changes): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#writing = this.#write([changes], this.#options.wal.end);
    await this.#writing.finally(() => (this.#writing = null));
  }

  /** Tries nothing any more by itself; `finish` may follow. */
  stop(): void {
    this.#isStopped = true;
    this.#backOff.stop();
  }

  /** Carries everything over. */
  async finish(): Promise<void> {
    while (!this.#options.backlog.isEmpty) await this.carryOver();
  }

  get #isWorthIt(): boolean {
    const { bytes, size } = this.#options.backlog;
    return (size >= CARRIED_MIN || bytes >= CARRIED_BYTES_MIN) && !this.#isStopped;
  }

  async #carryOn(): Promise<void> {
    try {
      while (this.#isWorthIt) {
        await this.carryOver();
        await new Promise(setImmediate);
      }
    } catch {
      // It is logged, and tried again after a pause.
    } finally {
      this.#isCarryingOn = false;
    }
  }

  async #carryFirst(): Promise<void> {
    const { backlog, wal } = this.#options;
    const commits = backlog.first(CARRIED);
    const last = commits.at(-1);
    if (last === undefined) return;
    await this.#write(
      commits.map(({ changes }) => changes),
      last.end,
    );
    backlog.drop(commits.length);
    wal.release(last.end);
  }

  /** With nothing to carry over as well: what failed may have been too large for the WAL. */
  async #tryAgain(): Promise<void> {
    const { backlog, wal } = this.#options;
    try {
      if (!backlog.isEmpty) await this.carryOver();
      else if (this.#writing === null) await this.#write([], wal.end);
      this.soon();
    } catch {
      // It is logged, and tried again after a longer pause.
    }
  }

  async #write(commits: readonly Changes[], position: LogPosition): Promise<void> {
    const { file, wal, lock, log, looked } = this.#options;
    this.#backOff.check();
    try {
      lock.check();
      await file.commit(commits, { identity: wal.identity, position });
      if (this.#backOff.isFailing) log.info({}, "the rooms' file can be written again");
      this.#backOff.succeeded();
    } catch (error) {
      if (!this.#isStopped) this.#failed(error);
      throw error;
    } finally {
      looked();
    }
  }

  #failed(error: unknown): void {
    const retryMs = this.#backOff.failed(error);
    const text = "the rooms' file could not be written: the write-ahead log waits";
    this.#options.log.error({ err: error, retryMs }, text);
  }
}
