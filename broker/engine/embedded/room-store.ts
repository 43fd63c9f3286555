// The store of the rooms: a write-ahead log (WAL), which has a commit on disk after a single flush, and
// the rooms' file, to which checkpoints write many commits at once. Reads look into both. The WAL
// exists while a process has the folder, and after a kill; then the next start reads it.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { HistoryQuery } from '../engine.ts';
import type { TermHistory, Terms } from '../terms.ts';
import { BackOff } from './back-off.ts';
import { Backlog } from './backlog.ts';
import { type Changes, packChanges, unpackChanges } from './changes.ts';
import { Checkpoints } from './checkpoints.ts';
import { convertStore } from './convert-store.ts';
import { Damage } from './damage.ts';
import type { FolderLock } from './folder-lock.ts';
import {
  type DormantStream,
  type StoredMessage,
  type StoredStream,
  unpackMessage,
} from './record.ts';
import { RoomFile } from './room-file.ts';
import { checkStore, StoreDamagedError } from './store-check.ts';
import type { Block } from './wal-blocks.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

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

/** A record without its message. */
export interface Outline {
  readonly at: number;
  readonly bytes: number;
  readonly deduplicationId: string | undefined;
}

/** A message with its position. */
export interface Positioned extends StoredMessage {
  readonly offset: number;
}

/** Positions to read, in either direction, from `from` to before `end`, as `HistoryQuery` bounds them. */
export interface Range extends Pick<HistoryQuery, 'bytesMax' | 'limit'> {
  readonly from: number;
  readonly end: number;
}

const FILE = 'rooms.mdb';
const WAL_FILE = 'rooms.journal';
const WAL_BYTES = 4 * 1_024 * 1_024;
export class RoomStore {
  readonly #backlog = new Backlog();
  readonly #checkpoints: Checkpoints;
  readonly #damage: Damage;
  readonly #file: RoomFile;
  readonly #wal: WriteAheadLog;
  readonly #walBackOff: BackOff;
  /** The newest position of each stream that is known to be damaged. */
  readonly #lost = new Map<number, number>();
  readonly #options: RoomStoreOptions;
  #hasGivenUp = false;

  private constructor(
    file: RoomFile,
    [wal, blocks]: Opened,
    options: RoomStoreOptions & { readonly damage: Damage },
  ) {
    const { clock, damage, lock, log } = options;
    this.#file = file;
    this.#damage = damage;
    this.#wal = wal;
    this.#walBackOff = new BackOff(clock, () => {
      void this.#writeWal(() => Promise.resolve()).catch(() => undefined);
    });
    this.#options = options;
    const backlog = this.#backlog;
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
    const { bytesMax = Number.POSITIVE_INFINITY, end, from, limit } = range;
    const step = end < from ? -1 : 1;
    const messages: Positioned[] = [];
    let bytes = 0;
    // Record by record, because a cursor would copy each record and decode its key.
    for (let offset = from; offset !== end && messages.length < limit; offset += step) {
      const record = this.#record(streamId, offset);
      const message = record === undefined ? null : unpackMessage(record, streamId, offset);
      if (record === undefined || message === null) {
        this.#isLost(streamId, offset);
        continue;
      }
      bytes += record.length;
      if (bytes > bytesMax && messages.length > 0) break;
      const { at, deduplication, term } = message;
      messages.push({ offset, at, message: message.message, deduplication, term });
    }
    return messages;
  }

  /** The newest position of a stream whose record is known to be damaged; 0: none is. */
  lostIn(streamId: number): number {
    return this.#lost.get(streamId) ?? 0;
  }

  /** `null`: there is no record. A damaged record counts as older than all others. */
  outline(streamId: number, offset: number): Outline | null {
    const record = this.#record(streamId, offset);
    if (record === undefined) return null;
    const bytes = record.length;
    const message = unpackMessage(record, streamId, offset);
    if (message !== null)
      return { at: message.at, bytes, deduplicationId: message.deduplication?.id };
    this.#isLost(streamId, offset);
    return { at: Number.NEGATIVE_INFINITY, bytes, deduplicationId: undefined };
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

  #record(streamId: number, offset: number): Buffer | undefined {
    return this.#backlog.record(streamId, offset) ?? this.#file.record(streamId, offset);
  }

  #isLost(streamId: number, offset: number): void {
    this.#damage.found({ stream: streamId, offset });
    if (offset > this.lostIn(streamId)) this.#lost.set(streamId, offset);
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

type Opened = readonly [wal: WriteAheadLog, blocks: readonly Block[]];

async function openWal(path: string, file: RoomFile): Promise<Opened> {
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
