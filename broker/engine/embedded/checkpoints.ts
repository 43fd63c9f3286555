// Checkpoints: write many commits at once from the write-ahead log (WAL) to the rooms' file, which
// frees their space in the log. If the file cannot be written, attempts are repeated after growing
// pauses; meanwhile commits continue for as long as the log has room.

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

/** The fewest operations that are worth a transaction. */
const OPERATIONS_MIN = 256;
/** The fewest bytes of records that are: large messages fill the log long before 256 operations. */
const BYTES_MIN = 1_024 * 1_024;
/** The most that one transaction writes: it takes some milliseconds of the event loop. */
const CHECKPOINT_MAX = { size: 1_024, bytes: 2 * 1_024 * 1_024 } as const;

export class Checkpoints {
  readonly #backOff: BackOff;
  readonly #options: CheckpointOptions;
  #isScheduled = false;
  #isStopped = false;
  /** The transaction that writes the file now; there is one at a time. */
  #writing: Promise<void> | null = null;

  constructor(options: CheckpointOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock, () => void this.#tryAgain());
  }

  /** True if the last attempt to write the file failed. */
  get isFailing(): boolean {
    return this.#backOff.isFailing;
  }

  /** The time for which the file could not be written. */
  get failingMs(): number {
    return this.#backOff.failingMs;
  }

  /** Schedules checkpoints if they are worth it, after everything that the commit causes in this turn. */
  soon(): void {
    if (this.#isScheduled || this.#backOff.isFailing || !this.#isWorthIt) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#runWhileWorthIt());
  }

  /**
   * Writes the oldest commits to the file, or waits for the checkpoint that does. Rejects with the
   * cause if nothing could be written, and at once while it is too early for another attempt.
   */
  run(): Promise<void> {
    this.#writing ??= this.#writeOldest().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /** Writes a commit that is larger than the log, while the backlog is empty. Rejects as `run` does. */
  async writeDirectly(changes: Changes): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#writing = this.#write([changes], this.#options.wal.end);
    await this.#writing.finally(() => (this.#writing = null));
  }

  /** Starts no checkpoint any more; `finish` may follow. */
  stop(): void {
    this.#isStopped = true;
    this.#backOff.stop();
  }

  /** Writes the whole backlog to the file. */
  async finish(): Promise<void> {
    while (!this.#options.backlog.isEmpty) await this.run();
  }

  get #isWorthIt(): boolean {
    const { bytes, size } = this.#options.backlog;
    return (size >= OPERATIONS_MIN || bytes >= BYTES_MIN) && !this.#isStopped;
  }

  async #runWhileWorthIt(): Promise<void> {
    try {
      while (this.#isWorthIt) {
        await this.run();
        await new Promise(setImmediate);
      }
    } catch {
      // The failure is logged, and the next attempt follows a pause.
    } finally {
      this.#isScheduled = false;
    }
  }

  async #writeOldest(): Promise<void> {
    const { backlog, wal } = this.#options;
    const commits = backlog.first(CHECKPOINT_MAX);
    const last = commits.at(-1);
    if (last === undefined) return;
    await this.#write(
      commits.map(({ changes }) => changes),
      last.end,
    );
    backlog.drop(commits.length);
    wal.release(last.end);
  }

  /** Writes even an empty backlog, because the commit that failed may have been too large for the log. */
  async #tryAgain(): Promise<void> {
    const { backlog, wal } = this.#options;
    try {
      if (!backlog.isEmpty) await this.run();
      else if (this.#writing === null) await this.#write([], wal.end);
      this.soon();
    } catch {
      // The failure is logged, and the next attempt follows a longer pause.
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
