// The store of the rooms: a write-ahead log (WAL), which has a commit on disk after a single flush, and
// the rooms' file, to which checkpoints write many commits at once. Reads look into both. The WAL
// exists while a process has the folder, and after a kill; then the next start reads it.

import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { TermHistory, Terms } from '../terms.ts';
import { BackOff } from './back-off.ts';
import { Backlog } from './backlog.ts';
import { type Changes, packChanges, unpackChanges } from './changes.ts';
import { Checkpoints } from './checkpoints.ts';
import { convertStore } from './convert-store.ts';
import { Damage } from './damage.ts';
import type { FolderLock } from './folder-lock.ts';
import { type OpenedWal, openWal } from './open-wal.ts';
import type { DormantStream, StoredStream } from './record.ts';
import { type Outline, type Positioned, type Range, RecordReader } from './record-reader.ts';
import { RoomFile } from './room-file.ts';
import { checkStore } from './store-check.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

export interface RoomStoreOptions {
  /** The most dormant streams that are remembered. */
  readonly dormantMax: number;
  readonly clock: Clock;
  /** The lock on the folder: after it is lost, nothing is written. */
  readonly lock: Pick<FolderLock, 'check' | 'checkAgain' | 'wasReleased'>;
  readonly log: Log;
  /** The time for which writing may fail before the store gives up. */
  readonly retryMs: number;
}

export type { Outline, Positioned, Range };

const FILE = 'rooms.mdb';
const WAL_FILE = 'rooms.journal';
export class RoomStore {
  readonly #backlog = new Backlog();
  readonly #checkpoints: Checkpoints;
  readonly #records: RecordReader;
  readonly #file: RoomFile;
  readonly #wal: WriteAheadLog;
  readonly #walBackOff: BackOff;
  readonly #options: RoomStoreOptions;
  #hasGivenUp = false;

  private constructor(
    file: RoomFile,
    [wal, blocks]: OpenedWal,
    options: RoomStoreOptions & { readonly damage: Damage },
  ) {
    const { clock, damage, lock, log } = options;
    this.#file = file;
    this.#wal = wal;
    this.#walBackOff = new BackOff(clock, () => {
      void this.#writeWal(() => Promise.resolve()).catch(() => undefined);
    });
    this.#options = options;
    const backlog = this.#backlog;
    this.#records = new RecordReader({ backlog, damage, file });
    const looked = () => this.#look();
    this.#checkpoints = new Checkpoints({ backlog, clock, file, wal, lock, log, looked });
    for (const { end, payload } of blocks) this.#backlog.add(unpackChanges(payload), end);
  }

  /**
   * Opens or creates the files in a folder, and converts those of an earlier version. Rejects if they
   * are damaged, or cannot be written.
   */
  static async open(folder: string, options: RoomStoreOptions): Promise<RoomStore> {
    const path = join(folder, FILE);
    const wal = join(folder, WAL_FILE);
    const damage = new Damage(options.log);
    checkStore(path, options.lock.wasReleased);
    await convertStore({ damage, wal, path, ...options });
    const file = await RoomFile.open(path, { damage, dormantMax: options.dormantMax });
    try {
      return new RoomStore(file, await openWal(wal, file), { ...options, damage });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The life of the store, and its terms. */
  get terms(): Terms {
    return this.#file.terms;
  }

  /** All facts, of the file and the log. */
  facts(): Iterable<readonly [name: string, value: string]> {
    const facts = this.#file.facts();
    for (const { changes } of this.#backlog.all()) {
      for (const [name, value] of changes.facts) {
        if (value === null) facts.delete(name);
        else facts.set(name, value);
      }
    }
    return facts;
  }

  /** All streams, of the file and the log. */
  streams(): Iterable<StoredStream> {
    const streams = new Map(this.#file.streams().map((stream) => [stream.id, stream]));
    for (const { changes } of this.#backlog.all()) {
      for (const { id } of changes.dormant) streams.delete(id);
      for (const stream of changes.streams) streams.set(stream.id, stream);
    }
    return streams.values();
  }

  /** The terms that appended to each stream. */
  streamTerms(): ReadonlyMap<number, TermHistory> {
    const all = this.#file.streamTerms();
    for (const { changes } of this.#backlog.all()) {
      for (const { id } of changes.dormant) all.delete(id);
      for (const { streamId, terms } of changes.terms) all.set(streamId, terms);
    }
    return all;
  }

  /** The highest stream number that is found in the file or the log. */
  lastStreamId(): number {
    let last = this.#file.lastStreamId();
    for (const { changes } of this.#backlog.all()) {
      for (const { id } of [...changes.dormant, ...changes.streams]) last = Math.max(last, id);
    }
    return last;
  }

  /** `null`: the stream is not dormant, or was forgotten. */
  dormant(destination: string): DormantStream | null {
    return this.#backlog.dormant(destination) ?? this.#file.dormant.get(destination);
  }

  /** The highest head of a forgotten dormant stream. To be asked for after `dormant`. */
  dormantFloor(): number {
    return this.#file.dormant.floor;
  }

  /** Bytes in memory of commits that are not in the rooms' file yet. */
  get bytes(): number {
    return this.#backlog.bytes;
  }

  /** True: nothing could be written for `retryMs`, so commits are refused. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** True if the last attempt to write failed. */
  get isFailing(): boolean {
    return this.#checkpoints.isFailing || this.#walBackOff.isFailing;
  }

  /**
   * Commits a write set, and settles when it is on disk. Rejects with the cause if it could not be
   * written, and at once while it is too early to try again after a failure.
   */
  async commit(changes: Changes): Promise<void> {
    this.#options.lock.checkAgain();
    this.#walBackOff.check();
    if (this.#hasGivenUp) throw new Error('the store has not been writable for too long');
    const packed = packChanges(changes);
    while (!this.#wal.fits(packed.length)) {
      if (this.#backlog.isEmpty) {
        // The commit is larger than the WAL. A refused block must not be found after it.
        await this.#writeWal(() => Promise.resolve());
        await this.#checkpoints.writeDirectly(changes);
        return;
      }
      await this.#checkpoints.run();
    }
    await this.#writeWal(() => this.#wal.write(packed));
    this.#backlog.add(changes, this.#wal.end);
    this.#checkpoints.soon();
  }

  /** Reads a range. Damaged records are skipped, and `lostIn` knows of them afterwards. */
  read(streamId: number, range: Range): Positioned[] {
    return this.#records.read(streamId, range);
  }

  /** The newest position of a stream whose record is known to be damaged; 0: none is. */
  lostIn(streamId: number): number {
    return this.#records.lostIn(streamId);
  }

  /** `null`: there is no record. A damaged record counts as older than all others. */
  outline(streamId: number, offset: number): Outline | null {
    return this.#records.outline(streamId, offset);
  }

  /** The position of the newest message with this id, which may have been removed. */
  duplicateOf(streamId: number, deduplicationId: string): number | undefined {
    return (
      this.#backlog.duplicateOf(streamId, deduplicationId) ??
      this.#file.duplicateOf(streamId, deduplicationId)
    );
  }

  /** Closes the store after the last commit, with a checkpoint if possible; else the WAL stays. */
  async close(): Promise<void> {
    this.#checkpoints.stop();
    this.#walBackOff.stop();
    try {
      this.#options.lock.check();
      await this.#checkpoints.finish();
      this.#file.keepWal(null);
      await this.#wal.remove();
    } catch (error) {
      const { log } = this.#options;
      log.error({ err: error }, 'the write-ahead log was left behind: the next start reads it');
      await this.#wal.close();
    }
    await this.#file.close();
  }

  async #writeWal(write: () => Promise<void>): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#wal.forgetRefused();
      await write();
      this.#walBackOff.succeeded();
    } catch (error) {
      const retryMs = this.#walBackOff.failed(error);
      log.error({ err: error, retryMs }, 'the write-ahead log could not be written');
      throw error;
    } finally {
      this.#look();
    }
  }

  /** Checks, after each attempt to write, whether the store gives up. */
  #look(): void {
    const { log, retryMs } = this.#options;
    const failingMs = Math.max(this.#checkpoints.failingMs, this.#walBackOff.failingMs);
    const hasGivenUp = failingMs >= retryMs;
    if (hasGivenUp && !this.#hasGivenUp) {
      const text =
        'the store could not be written for too long: nothing is accepted until it can be';
      log.error({ failingMs }, text);
    }
    this.#hasGivenUp = hasGivenUp;
  }
}
