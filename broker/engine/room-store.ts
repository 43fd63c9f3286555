// Where rooms are kept: a journal, in which a commit is on disk after a single flush, and the rooms'
// file, into which commits are carried over later, many at once. What is read is found in either.
// The journal is there only while a process has the folder, or after one that was killed; whatever
// is in it then is read at the next start.

import { join } from 'node:path';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { Backlog } from './backlog.ts';
import { type Changes, packChanges, unpackChanges } from './changes.ts';
import type { HistoryQuery } from './engine.ts';
import { Journal } from './journal.ts';
import type { Block, Mark } from './journal-blocks.ts';
import { type StoredMessage, type StoredStream, unpackMessage } from './record.ts';
import { type JournalState, RoomFile } from './room-file.ts';
import { checkStore } from './store-check.ts';

export interface RoomStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether whoever had the folder before let go of it. */
  readonly wasReleased: boolean;
}

/** What there is to know of a record without its message. */
export interface Outline {
  readonly at: number;
  readonly bytes: number;
  readonly repeatId: string | undefined;
}

/** A message with its position. */
export interface Positioned extends StoredMessage {
  readonly offset: number;
}

/** What is read, in either direction, as `HistoryQuery` bounds it; `end` is not in it. */
export interface Range extends Pick<HistoryQuery, 'bytesMax' | 'limit'> {
  readonly from: number;
  readonly end: number;
}

const FILE = 'rooms.mdb';
const JOURNAL = 'rooms.journal';
const JOURNAL_BYTES = 4 * 1_024 * 1_024;
/** Things to carry over, from which on it is worth a transaction. */
const CARRIED_MIN = 256;
/** Of these, what one transaction takes: some milliseconds of the event loop. */
const CARRIED_MAX = 1_024;
/** When it is tried again after it failed. */
const RETRY_MS = 5_000;

export class RoomStore {
  readonly #backlog = new Backlog();
  readonly #clock: Clock;
  readonly #file: RoomFile;
  readonly #journal: Journal;
  readonly #log: Log;
  /** Carries some over; there is one at a time. */
  #carrying: Promise<void> | null = null;
  #cancelRetry: Cancel | null = null;
  #isCarryingOn = false;
  #isClosed = false;

  private constructor(file: RoomFile, [journal, blocks]: Opened, { clock, log }: RoomStoreOptions) {
    this.#file = file;
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
    for (const { end, payload } of blocks) this.#backlog.add(unpackChanges(payload), end);
  }

  /** Opens the files in a folder, or makes them. Rejects where they are damaged, or cannot be written. */
  static async open(folder: string, options: RoomStoreOptions): Promise<RoomStore> {
    const path = join(folder, FILE);
    await checkStore(path, options.wasReleased);
    const file = await RoomFile.open(path);
    try {
      return new RoomStore(file, await openJournal(join(folder, JOURNAL), file), options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Names the life of what is kept. */
  get epoch(): string {
    return this.#file.epoch;
  }

  /** All facts there are. */
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

  /** All streams there are. */
  streams(): Iterable<StoredStream> {
    const streams = new Map(this.#file.streams().map((stream) => [stream.id, stream]));
    for (const { changes } of this.#backlog.all()) {
      for (const stream of changes.streams) streams.set(stream.id, stream);
    }
    return streams.values();
  }

  /** Settles when it is on disk. Rejects with the cause if nothing of it could be written. */
  async commit(changes: Changes): Promise<void> {
    const packed = packChanges(changes);
    await this.#journal.forgetRefused();
    while (!this.#journal.fits(packed.length)) {
      if (this.#backlog.isEmpty) {
        // It is larger than the journal.
        await this.#file.commit([changes], this.#journalUpTo(this.#journal.end));
        return;
      }
      await this.#carryOver();
    }
    await this.#journal.write(packed);
    this.#backlog.add(changes, this.#journal.end);
    this.#carryOverSoon();
  }

  read(streamId: number, range: Range): Positioned[] {
    const { bytesMax = Number.POSITIVE_INFINITY, end, from, limit } = range;
    const step = end < from ? -1 : 1;
    const messages: Positioned[] = [];
    let bytes = 0;
    // One by one: a cursor would copy each record, and read its key again.
    for (let offset = from; offset !== end && messages.length < limit; offset += step) {
      const record = this.#record(streamId, offset);
      if (record === undefined) continue;
      bytes += record.length;
      if (bytes > bytesMax && messages.length > 0) break;
      messages.push({ offset, ...unpackMessage(record) });
    }
    return messages;
  }

  /** `null`: there is no record. */
  outline(streamId: number, offset: number): Outline | null {
    const record = this.#record(streamId, offset);
    if (record === undefined) return null;
    const bytes = record.length;
    const { at, repeat } = unpackMessage(record);
    return { at, bytes, repeatId: repeat?.id };
  }

  /** The position of the newest message with this id, which may be one that is forgotten. */
  repeatOf(streamId: number, repeatId: string): number | undefined {
    return this.#backlog.repeatOf(streamId, repeatId) ?? this.#file.repeatOf(streamId, repeatId);
  }

  /** After the last commit. What can be is carried over; the rest is in the journal at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    try {
      while (!this.#backlog.isEmpty) await this.#carryOver();
      this.#file.keepJournal(null);
      await this.#journal.remove();
    } catch (error) {
      this.#log.error({ err: error }, 'the journal was left behind: the next start reads it');
      await this.#journal.close();
    }
    await this.#file.close();
  }

  #record(streamId: number, offset: number): Buffer | undefined {
    return this.#backlog.record(streamId, offset) ?? this.#file.record(streamId, offset);
  }

  /** Once there is enough of it, after what the commit brought about: nobody waits for it. */
  #carryOverSoon(): void {
    if (this.#isCarryingOn || this.#cancelRetry !== null || !this.#isWorthIt) return;
    this.#isCarryingOn = true;
    setImmediate(() => void this.#carryOn());
  }

  async #carryOn(): Promise<void> {
    try {
      while (this.#isWorthIt) {
        await this.#carryOver();
        await new Promise(setImmediate);
      }
    } catch (error) {
      this.#carryLater(error);
    } finally {
      this.#isCarryingOn = false;
    }
  }

  get #isWorthIt(): boolean {
    return this.#backlog.size >= CARRIED_MIN && !this.#isClosed;
  }

  /** It stays in the journal, and commits go on as long as that has room. */
  #carryLater(error: unknown): void {
    if (this.#isClosed) return;
    this.#log.error({ err: error }, "the rooms' file could not be written: the journal waits");
    this.#cancelRetry = this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#carryOverSoon();
    });
  }

  /** Carries the oldest commits over, or waits until some are. Rejects with the cause if none could be. */
  #carryOver(): Promise<void> {
    this.#carrying ??= this.#carryFirst().finally(() => (this.#carrying = null));
    return this.#carrying;
  }

  async #carryFirst(): Promise<void> {
    const commits = this.#backlog.first(CARRIED_MAX);
    const last = commits.at(-1);
    if (last === undefined) return;
    await this.#file.commit(
      commits.map(({ changes }) => changes),
      this.#journalUpTo(last.end),
    );
    this.#backlog.drop(commits.length);
    this.#journal.release(last.end);
  }

  #journalUpTo(mark: Mark): JournalState {
    return { identity: this.#journal.identity, mark };
  }
}

type Opened = readonly [journal: Journal, blocks: readonly Block[]];

async function openJournal(path: string, file: RoomFile): Promise<Opened> {
  const state = file.journal();
  if (state !== null) return Journal.read(path, state.identity, state.mark);
  // One that is there all the same belongs to another file, or had nothing left in it.
  const journal = await Journal.create(path, JOURNAL_BYTES);
  try {
    file.keepJournal({ identity: journal.identity, mark: journal.end });
  } catch (error) {
    await journal.remove();
    throw error;
  }
  return [journal, []];
}
